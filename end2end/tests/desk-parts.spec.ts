// What the desk loads and when: the words of one language, and a page's part of the program when
// it is visited; and what it says when it cannot go on, or is no longer the newest.

import type { Page, Request } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';

/** What is fetched of the desk from now on. */
function fetched(page: Page): string[] {
  const names: string[] = [];
  page.on('request', (request: Request) => {
    const name = new URL(request.url()).pathname.match(/^\/assets\/(desk\w*)\.\w+\.(wasm|json)$/)?.[1];
    if (name !== undefined) names.push(name);
  });
  return names;
}

test('the first page loads one language and no other page; a visit loads that page once', async ({ desk }) => {
  const { page } = desk;
  const names = fetched(page);
  await desk.open();
  // Once as the page begins, and once by the program, from what came then.
  expect(new Set(names)).toEqual(new Set(['desk', 'desk_words_en']));

  const parts = () => names.filter((name) => !['desk', 'desk_words_en'].includes(name));
  await page.getByRole('link', { name: 'Call-backs' }).click();
  await expect(page.getByRole('heading', { name: 'To be called' })).toBeVisible();
  const first = parts();
  expect(first).toContain('desk_split_calendar');
  expect(first).toContain('desk_later_en');
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await page.getByRole('link', { name: 'Call-backs' }).click();
  await expect(page.getByRole('heading', { name: 'To be called' })).toBeVisible();
  expect(parts()).toEqual(first);

  await page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch');
  await expect(page.getByRole('link', { name: 'Anrufe', exact: true })).toBeVisible();
  expect(names).toContain('desk_words_de');
  expect(names).toContain('desk_later_de');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});

test('a page whose part does not come says so, and comes when it is tried again', async ({ desk }) => {
  const { page } = desk;
  await desk.open();
  await page.route('**/assets/desk_split_calendar.*', (route) => route.abort());
  await page.getByRole('link', { name: 'Call-backs' }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('The server cannot be reached.');
  await page.unroute('**/assets/desk_split_calendar.*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'To be called' })).toBeVisible();
});

test('a program that cannot go on says so over everything, and loads again', async ({ desk }) => {
  const { page } = desk;
  await desk.open();
  await page.route('**/assets/desk_words_*', (route) => route.abort());
  await page.reload();
  const broken = page.locator('.sb-broken');
  await expect(broken).toContainText('Something broke.');
  await page.unroute('**/assets/desk_words_*');
  await broken.getByRole('link', { name: 'Load again' }).click();
  await expect(desk.heading('Calls')).toBeVisible();
});

test('so does a panic, instead of a picture of the desk on which nothing answers', async ({ desk }) => {
  const { page } = desk;
  await desk.open();
  // The browser refuses what no program reckons with.
  await page.evaluate(() => {
    const create = document.createElement.bind(document);
    document.createElement = (name: string) => {
      if (!['div', 'p', 'a'].includes(name)) throw new TypeError(`no ${name} today`);
      return create(name);
    };
  });
  await page.getByRole('link', { name: 'Call-backs' }).click();
  const broken = page.locator('.sb-broken');
  await expect(broken).toContainText('Something broke.');
  await broken.getByRole('link', { name: 'Load again' }).click();
  await expect(broken).toHaveCount(0);
  await expect(desk.heading('To be called')).toBeVisible();
});

test('a desk that is no longer the newest says so', async ({ desk }) => {
  const { page } = desk;
  await page.route('**/desk', async (route) => {
    if (route.request().resourceType() === 'document') return route.fallback();
    await route.fulfill({ body: '<script type="module" src="/assets/desk.0.js"></script>' });
  });
  await desk.open();
  await expect(page.getByText('There is a new version of the desk.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Load it' })).toHaveAttribute('href', /^\/desk/);
});

test('a desk that cannot read an answer finds out whether there is a newer one', async ({ desk, stack }) => {
  const { page } = desk;
  await desk.open();
  const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/desk' && request.resourceType() !== 'document');
  await page.route('**/desk', (route) => route.fulfill({ body: '<script type="module" src="/assets/desk.0.js"></script>' }));
  await page.route(`${stack.url}/api/desk/business`, (route) => route.fulfill({ json: { name: ['of', 'a', 'newer', 'kind'] } }));
  await page.getByRole('link', { name: 'Business', exact: true }).click();
  await asked;
  await expect(page.getByText('There is a new version of the desk.')).toBeVisible();
});

test('so it does for the calls, a list, and what it had done', async ({ desk, stack }) => {
  const { page } = desk;
  const told = page.getByText('There is a new version of the desk.');
  const isNewer = () => page.route('**/desk', (route) => {
    if (route.request().resourceType() === 'document') return route.fallback();
    return route.fulfill({ body: '<script type="module" src="/assets/desk.0.js"></script>' });
  });
  /** The server is the newer one as soon as this is answered. */
  const answers = (url: string, method = 'GET') =>
    page.route(url, async (route) => {
      if (route.request().method() !== method) return route.fallback();
      await isNewer();
      await route.fulfill({ json: { items: [{ of: ['a', 'newer', 'kind'] }], name: ['likewise'] } });
    });
  for (const [section, url, method] of [
    ['calls', '**/api/desk/calls?limit=*', 'GET'],
    ['settings/people', '**/api/desk/people', 'GET'],
    ['settings/business', '**/api/desk/business?*', 'PUT'],
  ]) {
    await answers(url, method);
    // Nor is it found out because the stream opens.
    await page.route('**/api/desk/events', (route) => route.abort());
    await page.goto(`${stack.deskUrl}/${section}`);
    if (method === 'PUT') {
      await expect(told).toHaveCount(0);
      await page.getByLabel('Name', { exact: true }).fill('Sunset Dental');
      await page.getByRole('button', { name: 'Save' }).first().click();
    }
    await expect(told, section).toBeVisible();
    await page.unrouteAll();
  }
});

test('a connection on which nothing comes any more is noticed and made anew', async ({ desk }) => {
  const { page } = desk;
  await page.clock.install();
  const opened = () => page.waitForRequest((request) => new URL(request.url()).pathname === '/api/desk/events');
  const first = opened();
  await desk.open();
  await first;
  const second = opened();
  await page.clock.fastForward(46_000);
  await second;
});
