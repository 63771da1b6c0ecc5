// On a telephone the panel covers the page: it is all there is then, and gives the page back.

import type { Page } from '@playwright/test';
import { SCRIPT, TAG } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

const OWN = `<button onclick="document.querySelector('switchboard-call').start()">Talk to us</button>`;
const BODY = `${OWN}<a href="#hours">Hours</a><div style="height:300vh"></div>${TAG.replace('key=', 'position="none" key=')}${SCRIPT}`;

const own = (page: Page) => page.getByRole('button', { name: 'Talk to us' });

/** What has the keyboard in the page. */
const focused = (page: Page) => page.evaluate(() => document.activeElement?.localName);

test.describe('on a telephone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('neither Tab nor a wheel reaches the page behind a call, and closing gives both back', async ({ page, panel }) => {
    await panel.visitPage(BODY);
    await own(page).click();
    await panel.expectState('live');
    await panel.expectAgentHeard();
    await expect(page.getByRole('dialog')).toHaveAccessibleName(/./);
    // Behind the panel's last stop there is the browser itself, and no link of the page.
    let stop: string | undefined;
    do {
      await page.keyboard.press('Tab');
      stop = await focused(page);
      expect(stop).toMatch(/^(switchboard-call|body)$/);
    } while (stop !== 'body');
    await page.mouse.move(195, 400);
    await page.mouse.wheel(0, 600);
    await panel.button('Close').click();
    await expect.poll(() => focused(page)).toBe('button');
    expect(await page.evaluate(() => scrollY)).toBe(0);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('a');
    await page.mouse.wheel(0, 600);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
    // The call has gone on meanwhile.
    await own(page).evaluate((it) => (it as HTMLElement).click());
    await expect(panel.button('Hang up')).toBeVisible();
    await panel.hangUp();
  });

  test('Escape and an element that goes away uncover the page, too', async ({ page, panel }) => {
    await panel.visitPage(BODY.replace('start()', 'open()'));
    await own(page).click();
    await panel.expectState('idle');
    const overflow = () => page.evaluate(() => getComputedStyle(document.documentElement).overflow);
    await expect.poll(overflow).toBe('hidden');
    await page.keyboard.press('Escape');
    await expect(own(page)).toBeFocused();
    expect(await overflow()).toBe('visible');
    await own(page).click();
    await expect.poll(overflow).toBe('hidden');
    await page.evaluate(() => document.querySelector('switchboard-call')?.remove());
    await expect.poll(overflow).toBe('visible');
  });
});

test('a panel beside the page gives the keyboard back to the page’s own button', async ({ page, panel }) => {
  await panel.visitPage(BODY.replace('start()', 'open()'));
  await own(page).click();
  await panel.expectState('idle');
  await expect(panel.root).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(own(page)).toBeFocused();
});
