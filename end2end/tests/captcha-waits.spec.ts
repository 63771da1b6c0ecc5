// A captcha that is blocked, or waits for somebody, leaves nobody before a dead button.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';

const CAPTCHA = { kind: 'turnstile', site_key: 'site', secret: 'only our server knows it' };

/** Turnstile that shows a box and does what `render` says with it. */
async function turnstile(page: Page, render: string): Promise<void> {
  await page.route('https://challenges.cloudflare.com/**', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: `window.turnstile = { render(box, how) { box.append('Prove it'); ${render} } };` }),
  );
}

const sorry = /could not check that you are a person/;

test('one that answers nothing is given up, for a call and for a call-back', async ({ page, panel, business }) => {
  const key = await business.makeKey({ modes: ['voice', 'callback'], countries: ['ES'], captcha: CAPTCHA });
  await turnstile(page, '');
  await page.clock.install();
  await panel.visit({ key });
  await panel.open();
  const box = panel.inside.getByText('Prove it');
  const start = panel.button('Start call');
  await start.click();
  await expect(box).toBeVisible();
  // Impatience makes no second box.
  await start.click();
  await expect(box).toHaveCount(1);
  await page.clock.fastForward(20_000);
  await expect(box).toBeHidden();
  await expect(panel.inside.locator('#sbw-notice')).toHaveText(sorry);

  await panel.button('Call me back').click();
  await panel.inside.getByLabel('Name').fill('Pilar Person');
  await panel.inside.getByLabel('Phone number').fill('612 00 00 21');
  await panel.inside.getByRole('checkbox').check();
  await panel.button('Call me back').click();
  await expect(box).toBeVisible();
  await page.clock.fastForward(20_000);
  await expect(panel.inside.getByRole('alert').filter({ hasText: sorry })).toBeVisible();
  await expect(panel.inside.locator('#sbc')).toHaveAttribute('aria-busy', 'false');
});

test('every way Turnstile says no is told, and it may be tried again', async ({ page, panel, business }) => {
  const key = await business.makeKey({ captcha: CAPTCHA });
  await turnstile(
    page,
    `window.says = ['timeout-callback', 'expired-callback', 'unsupported-callback', 'throws', ...(window.says ?? [])];
     const how_not = window.says[(window.tries = (window.tries ?? -1) + 1)];
     if (how_not === 'throws') throw new Error('blocked');
     setTimeout(how[how_not]);`,
  );
  await panel.visit({ key });
  await panel.open();
  const notice = panel.inside.locator('#sbw-notice');
  for (let tries = 0; tries < 4; tries++) {
    await notice.evaluate((it) => (it.textContent = ''));
    await panel.button('Start call').click();
    await expect(notice).toHaveText(sorry);
    await expect(panel.inside.getByText('Prove it')).toBeHidden();
  }
});
