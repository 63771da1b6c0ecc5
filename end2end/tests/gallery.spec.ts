// Every component in every state, as people with other eyes, screens and
// directions see it; and what a page does that nothing needs a server for.

import { expect, test as base } from '@playwright/test';
import { expectAccessible } from '../fixtures/axe.ts';
import { expectNothingClipped } from '../fixtures/clipped.ts';
import { Gallery, GalleryServer } from '../fixtures/gallery.ts';

const test = base.extend<{ gallery: Gallery }, { galleryServer: GalleryServer }>({
  galleryServer: [
    async ({}, use) => {
      const server = await GalleryServer.start();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  gallery: async ({ page, galleryServer }, use) => {
    await use(new Gallery(page, galleryServer.url));
  },
});

const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 320, height: 568 };
/** How wide the page is, and which way it runs. */
const LOOKS = {
  wide: [WIDE, 'ltr'],
  // Rows are not cards yet.
  'narrow for a table': [{ width: 1024, height: 700 }, 'ltr'],
  // A screen of 1280 pixels.
  'at 200 %': [{ width: 640, height: 450 }, 'ltr'],
  narrow: [NARROW, 'ltr'],
  'narrow, right to left': [NARROW, 'rtl'],
  'right to left': [WIDE, 'rtl'],
} as const;

test('every component can be read and used in every state', async ({ page, gallery }, testInfo) => {
  // One look at everything there is takes axe as long as several pages.
  test.slow();
  await gallery.open();
  const look = async (name: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const body = await page.screenshot({ fullPage: true });
      await testInfo.attach(`${name}, ${colorScheme}`, { body, contentType: 'image/png' });
    }
    await expectNothingClipped(page.locator('body'));
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(excess, `scrolls sideways, ${name}`).toBeLessThanOrEqual(0);
  };
  for (const [name, [size, direction]] of Object.entries(LOOKS)) {
    await page.setViewportSize(size);
    await page.evaluate((dir) => (document.documentElement.dir = dir), direction);
    await look(name);
  }
  await expectAccessible(page);
  await page.setViewportSize(NARROW);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await look('the navigation on a telephone');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More filters' }).click();
  await expect(page.getByRole('dialog', { name: 'More filters' }).getByLabel('Kind')).toBeVisible();
  await look('more filters');
  await expectAccessible(page, '#more-filters');
  await page.keyboard.press('Escape');
  await gallery.ask();
  await look('a question');
  await expectAccessible(page, 'dialog');
});

test('a short word, a date and an address of a table stay on one line', async ({ page, gallery }) => {
  await page.setViewportSize(WIDE);
  await gallery.open();
  const lines = await page
    .getByRole('table', { name: 'A table' })
    .locator('tbody tr')
    .first()
    .locator('time, span')
    .evaluateAll((all) =>
      all.map((it) => {
        const range = document.createRange();
        range.selectNodeContents(it);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
      }),
    );
  expect(lines).toEqual([1, 1, 1]);
});

test('numbers of a table stand below each other by their places', async ({ page, gallery }) => {
  await page.setViewportSize(WIDE);
  await gallery.open();
  const table = page.getByRole('table', { name: 'Numbers', exact: true });
  const head = table.getByRole('columnheader', { name: 'Took' });
  const cells = table.getByRole('cell').filter({ hasText: / ms$/ });
  await expect(cells).toHaveCount(3);
  /** Where the text of each ends. */
  const ends = async () =>
    Promise.all(
      [head, ...(await cells.all())].map((cell) =>
        cell.evaluate((it) => {
          const text = document.createRange();
          text.selectNodeContents(it);
          return Math.round(text.getBoundingClientRect().right);
        }),
      ),
    );
  expect(new Set(await ends()).size).toBe(1);
  await expect(cells.first()).toHaveCSS('font-variant-numeric', 'tabular-nums');
  // On a card each stands beside its column's name.
  await page.setViewportSize(NARROW);
  await expect(cells.first()).toHaveCSS('text-align', 'start');
});

test('a row opens its call wherever it is pressed, and its text can be selected', async ({ page, context, gallery }) => {
  await page.setViewportSize(WIDE);
  await gallery.open();
  const address = page.url();
  const row = gallery.rows.nth(2);
  const cell = row.getByRole('cell').nth(2);
  const link = row.getByRole('link');
  await expect(gallery.rows.getByRole('link')).toHaveCount(await gallery.rows.count());
  const path = (await link.getAttribute('href')) ?? '';

  // Where it does not go, it leads to nothing: not over another row, not over a control.
  for (const other of [page.getByRole('searchbox', { name: 'number, name or words' }), gallery.rows.nth(0).getByRole('link')]) {
    await other.scrollIntoViewIfNeeded();
    const itself = await other.evaluate((it) => {
      const { x, y, width, height } = it.getBoundingClientRect();
      return it.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    });
    expect(itself).toBe(true);
  }

  for (const press of [
    () => cell.click({ modifiers: ['ControlOrMeta'] }),
    () => cell.click({ button: 'middle' }),
    () => link.click({ modifiers: ['ControlOrMeta'] }),
  ]) {
    const [tab] = await Promise.all([context.waitForEvent('page'), press()]);
    await expect.poll(() => new URL(tab.url()).pathname).toBe(path);
    await tab.close();
  }
  expect(context.pages()).toHaveLength(1);

  const box = await cell.boundingBox();
  if (box === null) throw new Error('the cell has no place');
  await page.mouse.move(box.x + 14, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 90, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  expect(await page.evaluate(() => getSelection()?.toString().length)).toBeGreaterThan(3);
  expect(page.url()).toBe(address);

  await page.mouse.click(box.x + box.width - 4, box.y + box.height / 2);
  await expect(page).toHaveURL(({ pathname }) => pathname === path);
});

test('times of a place the browser does not know say which place they are of', async ({ browser, galleryServer }) => {
  const context = await browser.newContext({ timezoneId: 'Asia/Kolkata' });
  await context.addInitScript(() => {
    Intl.DateTimeFormat = new Proxy(Intl.DateTimeFormat, {
      construct(target, [locales, options]: [Intl.LocalesArgument, Intl.DateTimeFormatOptions?]) {
        if (options?.timeZone === 'Europe/Madrid') throw new RangeError('Invalid time zone specified: Europe/Madrid');
        return new target(locales, options);
      },
    });
    // As on systems whose language is no tag of the web's.
    Object.defineProperty(navigator, 'languages', { value: ['en-US@posix'] });
  });
  const page = await context.newPage();
  const errors: Error[] = [];
  page.on('pageerror', (error) => errors.push(error));
  const gallery = new Gallery(page, galleryServer.url);
  await gallery.open();
  const time = gallery.rows.first().locator('time').first();
  await expect(time).toHaveText(/\d\d:\d\d.* GMT\+5:30$/);
  expect(errors).toEqual([]);
  await context.close();
});
