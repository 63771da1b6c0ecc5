// An admin links somebody's own calendar, in a real CalDAV server: what is in it is not offered
// any more, and what is booked at the desk stands in it.

import type { Business } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { PASSWORD, Radicale, USER, missing } from '../fixtures/radicale.ts';
import { expect, test } from '../fixtures/test.ts';

/** Open every day, with Ada and a service of half an hour; the service. */
async function furnish(business: Business): Promise<string> {
  const settings = (await business.ask('GET', '/api/desk/business')) as Record<string, unknown>;
  const hours = { week: Array(7).fill([{ from: '00:00', to: '24:00' }]), exceptions: [] };
  await business.ask('PUT', '/api/desk/business', { ...settings, hours });
  await business.ask('POST', '/api/desk/calendar/staff', { name: 'Ada' });
  const service = await business.ask('POST', '/api/desk/calendar/services', { name: 'Check-up', minutes: 30 });
  return (service as { id: string }).id;
}

test('a calendar is linked, keeps its owner from being booked, and shows what is booked', async ({ business, desk, stack }) => {
  test.skip(missing !== '', missing);
  const radicale = await Radicale.start();
  const { page } = desk;
  const service = await furnish(business);
  await page.goto(`${stack.url}/desk/settings/linked-calendars`);
  await expect(page.getByText('Nothing was written yet')).toBeVisible();
  await expectAccessible(page);

  // A password that is wrong, and the right one.
  const link = page.getByRole('form', { name: 'Link a calendar' });
  await link.getByLabel('Whose').selectOption('Ada');
  await link.getByLabel('Address of the server').fill(radicale.url);
  await link.getByLabel('User name').fill(USER);
  await link.getByLabel('App password').fill('another');
  await link.getByRole('button', { name: 'Connect' }).click();
  const ada = page.getByRole('form', { name: 'Ada' });
  await expect(ada.getByText('The user name or the password is wrong.')).toBeVisible();
  await expectAccessible(page);
  await ada.getByLabel('App password').fill(PASSWORD);
  await ada.getByRole('button', { name: 'Save' }).click();
  await expect(ada.getByText('Saved')).toBeVisible();
  await ada.getByRole('button', { name: 'Test' }).click();
  await expect(ada.getByText('It works.')).toBeVisible();
  await ada.getByLabel('Calendar', { exact: true }).selectOption('Work');
  await ada.getByRole('button', { name: 'Save' }).click();
  await expect(ada.getByText(/^Read last: /)).toBeVisible();
  await expect(ada.getByLabel('App password')).toHaveValue('');
  await expectAccessible(page);

  // Two days from now, so that none of it is too soon.
  const noon = Math.floor((Date.now() + 2 * 86_400_000) / 86_400_000) * 86_400_000 + 11 * 3_600_000;
  await radicale.put('dentist', noon, noon + 3_600_000);
  // It is read every few minutes; and at once when somebody tests.
  await ada.getByRole('button', { name: 'Test' }).click();
  await expect(async () => {
    const slots = await business.ask('GET', `/api/desk/calendar/slots?service_id=${service}&from=${noon}&to=${noon + 7_200_000}`);
    expect((slots as { items: { starts_at: number }[] }).items[0]?.starts_at).toBe(noon + 3_600_000);
  }).toPass();

  await page.goto(`${stack.url}/desk/calendar`);
  await page.getByRole('button', { name: 'Book', exact: true }).click();
  const form = page.getByRole('dialog', { name: 'Book' });
  await form.getByLabel('With').selectOption('Ada');
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(noon);
  await form.getByLabel('Day').fill(day);
  const clock = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
  const time = (at: number) => form.getByRole('radio', { name: clock.format(at), exact: true });
  await expect(time(noon + 3_600_000)).toBeVisible();
  await expect(time(noon)).toHaveCount(0);
  await time(noon + 3_600_000).check();
  await form.getByLabel('Name').fill('Ana García');
  await form.getByLabel('Name').press('Enter');
  await expect(page.getByText(/^Booked\. The number is \d{6}\.$/)).toBeVisible();
  await expect.poll(() => radicale.events()).toContain('SUMMARY:Check-up: Ana García');
  expect(await radicale.events()).toContain('SUMMARY:Dentist');

  await page.goto(`${stack.url}/desk/settings/linked-calendars`);
  const newest = page.getByRole('table', { name: 'Bookings in calendars' }).getByRole('row').nth(1);
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(newest).toContainText('In the calendar', { timeout: 1000 });
  }).toPass();
  await expectAccessible(page);

  await ada.getByRole('button', { name: 'Unlink' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click();
  await expect(ada).toHaveCount(0);
  expect(await radicale.events()).toContain('SUMMARY:Check-up: Ana García');
  await radicale.stop();
});
