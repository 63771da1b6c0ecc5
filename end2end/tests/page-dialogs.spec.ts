// A modal dialog of the page makes all around it inert: what nobody in a call may be locked out of
// stands in it meanwhile.

import type { Page } from '@playwright/test';
import { SCRIPT, TAG } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

const CART = '<dialog id="cart"><form method="dialog"><h1>Your cart</h1><button>Go on</button></form></dialog>';

const show = (page: Page) => page.evaluate(() => document.querySelector<HTMLDialogElement>('#cart')?.showModal());

/** In the page itself, beside its own button. */
const bar = (page: Page) => page.getByRole('group');

test('a dialog that opens in a call has mute and hang up in it, and gives the call back', async ({ page, panel }) => {
  await panel.visitPage(CART + TAG + SCRIPT);
  await panel.callUntilHeard();
  await expect(panel.inside.getByRole('textbox', { name: 'Type a message' })).toBeVisible();
  const listening = () => page.evaluate(() => document.querySelector('switchboard-call')?.state);
  await show(page);
  await bar(page).getByRole('button', { name: 'Mute' }).click();
  await expect(panel.root.locator('#sbw-mute')).toHaveAttribute('data-muted', 'true');
  await expect.poll(async () => (await panel.clientLeg()).level_in).toBeLessThan(-90);
  await bar(page).getByRole('button', { name: 'Unmute' }).click();
  await expect(bar(page).getByRole('button', { name: 'Mute', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(bar(page)).toHaveCount(0);
  expect(await listening()).toBe('live');
  await panel.button('Mute').click();

  // Once more; a page that takes its dialog away takes no call with it.
  await show(page);
  await expect(bar(page).getByRole('button', { name: 'Unmute' })).toBeVisible();
  await page.evaluate(() => document.querySelector('#cart')?.remove());
  expect(await listening()).toBe('live');
  await panel.button('Unmute').click();
  await panel.hangUp();
});

test('a call is ended in the dialog of a component, and in the language it is spoken in', async ({ page, panel }) => {
  await panel.visitPage(`<x-consent></x-consent>${TAG.replace('key=', 'lang="de" key=')}${SCRIPT}<script>
    customElements.define('x-consent', class extends HTMLElement {
      constructor() {
        super();
        this.attachShadow({ mode: 'open' }).innerHTML = '<dialog><button>Alle Kekse</button></dialog>';
      }
      show() {
        this.shadowRoot.firstChild.showModal();
      }
    });
  </script>`);
  await panel.callUntilHeard();
  await expect(panel.inside.getByRole('textbox')).toBeVisible();
  await page.evaluate(() => document.querySelector<HTMLElement & { show(): void }>('x-consent')?.show());
  await bar(page).getByRole('button', { name: 'Auflegen' }).click();
  await panel.expectEnded('hung-up');
  await expect(bar(page)).toHaveCount(0);
});
