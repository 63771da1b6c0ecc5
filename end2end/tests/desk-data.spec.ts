// What pages of the desk ask the server for: once for all who want it, shown again at once, and called off when nobody
// waits for it any more. What people asked for is not called off, and told of when it fails.

import { hold } from '../fixtures/hold.ts';
import { expect, test } from '../fixtures/test.ts';

test('what two ask for is asked for once, and shown by both', async ({ desk, business }) => {
  const { page } = desk;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const letGo = await hold(page, '**/api/desk/callbacks?limit=100', (answer) => {
    const consent = { text: 'Yes', version: '1', language: 'en', given_at: 1 };
    const asked = { state: 'pending', agent_id: 'agent_1', due_at: 1, created_at: 1, consent };
    return { ...answer, items: [{ ...asked, id: 'one', name: 'Ada', phone: '+4930901820' }] };
  });
  await page.goto(`${business.stack.deskUrl}/callbacks`);
  // The page is there, and the number beside its name.
  await expect(page.getByText('No call-backs yet')).toBeVisible();
  expect(asked.filter((it) => it.endsWith('/api/desk/callbacks?limit=100'))).toHaveLength(1);
  letGo();
  await expect(page.getByRole('table', { name: 'To be called' })).toContainText('Ada');
  await expect(desk.navigation.locator('.sb-count')).toHaveText(/^1/);
});

test('who comes back is shown at once what was there, and then what is there now', async ({ desk, business }) => {
  const { page } = desk;
  await page.goto(`${business.stack.deskUrl}/settings/people`);
  const people = page.getByRole('main').getByRole('table');
  await expect(people).toContainText('Robin Sommer');
  await desk.navigation.getByRole('link', { name: 'Call-backs' }).click();
  await expect(desk.heading('To be called')).toBeVisible();
  const letGo = await hold(page, '**/api/desk/people', (answer) => {
    const { items } = answer as { items: object[] };
    return { ...answer, items: items.map((it) => ({ ...it, name: 'Somebody Else' })) };
  });
  await page.goBack();
  await expect(people).toContainText('Robin Sommer');
  letGo();
  await expect(people).toContainText('Somebody Else');
});

test('what was read on to is still there when the list is loaded anew', async ({ desk, business }) => {
  const { page } = desk;
  for (const name of ['Ada', 'Eva', 'Ida']) {
    await business.ask('POST', '/api/desk/people', { name, email: `${name}-${business.id}@example.com`, role: 'agent' });
  }
  const { items } = (await business.ask('GET', '/api/desk/people')) as { items: { id: string; name: string }[] };
  // Pages of two, where nobody asks for more.
  await page.route(/\/api\/desk\/people(\?.*)?$/, (route) => {
    const url = new URL(route.request().url());
    if (!url.searchParams.has('limit')) url.searchParams.set('limit', '2');
    return route.continue({ url: url.href });
  });
  await page.goto(`${business.stack.deskUrl}/settings/people`);
  const rows = page.getByRole('main').getByRole('table').getByRole('row').filter({ has: page.getByRole('cell') });
  await expect(rows).toHaveCount(2);
  await page.getByRole('button', { name: 'Load more' }).click();
  await expect(rows).toHaveCount(4);

  // A colleague switches off one who was not on the first page; what is done here brings it.
  const [, , ...later] = items;
  const off = later.find(({ name }) => name !== 'Robin Sommer');
  const other = items.find(({ id, name }) => name !== 'Robin Sommer' && id !== off?.id);
  await page.request.patch(`${business.stack.url}/api/desk/people/${off?.id}`, { data: { disabled: true } });
  await page.getByRole('combobox', { name: `Role: ${other?.name}` }).selectOption('Admin');
  await expect(rows.filter({ hasText: off?.name })).toContainText('Switched off');
  await expect(rows).toHaveCount(4);
});

test('what is on its way has its place, and says so only after a moment', async ({ desk, business }) => {
  const { page } = desk;
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  const letGo = await hold(page, '**/api/desk/session');
  await page.goto(business.stack.deskUrl);
  const loading = page.getByRole('status').filter({ hasText: 'Loading…' });
  await expect(loading).toHaveCSS('animation-name', 'sb-appear');
  letGo();
  for (const [section, path] of [['people', '**/api/desk/people'], ['webhooks', '**/api/desk/inbox'], ['audit', '**/api/desk/audit']]) {
    const here = await hold(page, path);
    await page.goto(`${business.stack.deskUrl}/settings/${section}`);
    const place = page.getByRole('main').locator('[aria-busy="true"]', { has: page.locator('.sb-skeleton') });
    await expect(place.first()).toBeVisible();
    here();
    await expect(place).toHaveCount(0);
    // What did not come is not waited for.
    await page.route(path, (route) => route.abort());
    await page.reload();
    await expect(page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' })).toBeVisible();
    await expect(place).toHaveCount(0);
  }
});

test('leaving a page calls off what it asked for', async ({ desk, business }) => {
  const { page } = desk;
  await hold(page, '**/api/desk/people');
  const asked = page.waitForRequest('**/api/desk/people');
  await page.goto(`${business.stack.deskUrl}/settings/people`);
  const calledOff = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/desk/people'));
  await asked;
  await desk.navigation.getByRole('link', { name: 'Call-backs' }).click();
  expect((await calledOff).failure()?.errorText).toBe('net::ERR_ABORTED');
});

test('what fails after its page was left is told all the same', async ({ desk, business }) => {
  const { page } = desk;
  const answers: (() => void)[] = [];
  const arrived = new Promise<void>((resolve) => {
    void page.route('**/api/desk/business*', async (route) => {
      if (route.request().method() !== 'PUT') return route.continue();
      resolve();
      await new Promise<void>((answer) => answers.push(answer));
      await route.abort();
    });
  });
  await page.goto(`${business.stack.deskUrl}/settings/business`);
  // Another form of the page may be there before this one.
  await expect(page.getByLabel('Name', { exact: true })).not.toHaveValue('');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await arrived;
  await desk.navigation.getByRole('link', { name: 'Calls' }).click();
  await expect(desk.heading('Calls')).toBeVisible();
  for (const answer of answers) answer();
  const told = page.getByRole('alert').filter({ hasText: 'What you asked for on another page was not done.' });
  await expect(told).toBeVisible();
  await told.getByRole('button', { name: 'Close' }).click();
  await expect(told).toBeHidden();
});
