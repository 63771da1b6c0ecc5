// The narrowest screen: 320 pixels, which is also 1280 at 400 %. A call on it is in languages.spec.ts.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';

test.use({ viewport: { width: 320, height: 568 } });

async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(excess).toBeLessThanOrEqual(0);
}

test('the demo page and the desk fit', async ({ page, desk, demo }) => {
  await page.goto(demo.url);
  await expectNoSidewaysScrolling(page);
  await desk.page.setViewportSize({ width: 320, height: 568 });
  await desk.open();
  await expectNoSidewaysScrolling(desk.page);
});

test('every part of the settings fits', async ({ desk, stack }) => {
  await desk.page.setViewportSize({ width: 320, height: 568 });
  await desk.page.goto(`${stack.url}/desk/settings`);
  const links = desk.page.locator('.sb-settings-link');
  const more = desk.page.getByRole('button', { name: 'More', exact: true });
  await expect(more).toBeVisible();
  expect(await links.count()).toBeGreaterThan(8);
  const body = desk.page.locator('.sb-settings-body');
  for (const link of await links.all()) {
    await desk.page.setViewportSize({ width: 320, height: 568 });
    await more.click();
    await expectNoSidewaysScrolling(desk.page);
    await link.click();
    // It goes where it was asked to, and is out of the way.
    await expect(link).toBeHidden();
    await expect(link).toHaveAttribute('aria-current', 'page');
    await expect(body.locator('> :not(h1)').filter({ visible: true })).not.toHaveCount(0);
    await expect(body).not.toContainText('Loading');
    for (const width of [320, 1024]) {
      await desk.page.setViewportSize({ width, height: 568 });
      await expectNoSidewaysScrolling(desk.page);
    }
  }
});
