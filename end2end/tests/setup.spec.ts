// The first start: an empty store, a link in the log, and a business.

import { serve, serverSettings, temporaryDirectory } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('the link of an empty store leads to a business and its admin, once', async ({ page, browser }) => {
  const directory = await temporaryDirectory();
  const start = async () =>
    serve('switchboard', ['serve'], {
      dir: directory.path,
      env: {
        ...serverSettings(directory.path),
        RETELL_API_KEY: 'key_local_emulator',
        RETELL_BASE_URL: 'http://127.0.0.1:9',
      },
    });
  let server = await start();
  try {
    const link = server.ready.setup_url;
    expect(link).toContain('/setup/');
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Set up your business' })).toBeVisible();
    await expectAccessible(page);
    // The browser's own zone by the name it has for it, which may be an old one; none, where it knows none.
    for (const [timezoneId, told, offered] of [
      ['Asia/Calcutta', 'Asia/Calcutta', 'Asia/Calcutta'],
      ['UTC', undefined, ''],
      ['UTC', 'Etc/Unknown', ''],
    ] as const) {
      const context = await browser.newContext({ timezoneId });
      await context.addInitScript((timeZone) => {
        const original = Intl.DateTimeFormat.prototype.resolvedOptions;
        Intl.DateTimeFormat.prototype.resolvedOptions = function () {
          return { ...original.call(this), timeZone } as Intl.ResolvedDateTimeFormatOptions;
        };
      }, told);
      const elsewhere = await context.newPage();
      await elsewhere.goto(link);
      await expect(elsewhere.getByLabel('Time zone')).toHaveValue(offered);
      await context.close();
    }
    await page.getByLabel('Business').fill('Clínica Aurora');
    await page.getByLabel('Time zone').fill('Mars/Olympus');
    await page.getByLabel('Your name').fill('Lucía');
    await page.getByLabel('E-mail').fill('lucia@example.com');
    await page.getByLabel('Password').fill('three words together');
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByText('There is no such time zone.')).toBeVisible();
    await page.getByLabel('Time zone').fill('Europe/Madrid');
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('heading', { name: 'Calls' })).toBeVisible();
    await expect(page.getByText('Clínica Aurora')).toBeVisible();

    await page.goto(link);
    await expect(page.getByText('This link was used already')).toBeVisible();
    await server.stop();
    server = await start();
    expect(server.ready.setup_url).toBeUndefined();
  } finally {
    await server.stop();
    await directory.remove();
  }
});
