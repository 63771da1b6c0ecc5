// A page that keeps the microphone from us: the browser's own settings cannot help.

import { SCRIPT } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

const tag = (key: string) => `<switchboard-call key="${key}" auto-open="true"></switchboard-call>`;

test('a page shown inside another one without the microphone is opened in its own tab', async ({ page, context, panel, business }) => {
  const shop = business.site.page(tag(business.key) + SCRIPT);
  await page.goto(business.site.page(`<iframe src="${shop}" width="600" height="700" allow="microphone 'none'"></iframe>`));
  const inside = page.frameLocator(`iframe[src="${shop}"]`).frameLocator('iframe[src*="/panel"]');
  await inside.getByRole('button', { name: 'Start call' }).click();
  await expect(inside.getByRole('alert')).toContainText('This page does not let us use the microphone');
  const opened = context.waitForEvent('page');
  await inside.getByRole('link', { name: 'Open this page in a tab of its own' }).click();
  expect((await opened).url()).toBe(shop);
  expect(panel.callId).toBe('');
});
