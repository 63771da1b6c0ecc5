// An admin links somebody's own calendar, in a real CalDAV server: what is in it is not offered
// any more, and what is booked at the desk stands in it.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Business } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

const PROGRAM = process.env.SWITCHBOARD_TEST_RADICALE ?? join(import.meta.dirname, '../../target/radicale/bin/radicale');
const USER = 'ada';
const PASSWORD = 'an-app-password';

/** A port that is free. */
function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** A Radicale with one calendar. */
class Radicale {
  private constructor(
    private readonly child: ChildProcess,
    private readonly directory: string,
    readonly url: string,
  ) {}

  static async start(): Promise<Radicale> {
    const directory = mkdtempSync(join(tmpdir(), 'radicale-'));
    const port = await freePort();
    mkdirSync(join(directory, 'store'));
    writeFileSync(join(directory, 'users'), `${USER}:${PASSWORD}\n`);
    const settings = [
      `[server]\nhosts = 127.0.0.1:${port}`,
      `[auth]\ntype = htpasswd\nhtpasswd_filename = ${directory}/users\nhtpasswd_encryption = plain\ndelay = 0`,
      `[rights]\ntype = owner_only`,
      `[storage]\nfilesystem_folder = ${directory}/store`,
      `[web]\ntype = none`,
    ];
    writeFileSync(join(directory, 'settings'), settings.join('\n'));
    const child = spawn(PROGRAM, ['--config', join(directory, 'settings')], { stdio: 'ignore' });
    const radicale = new Radicale(child, directory, `http://127.0.0.1:${port}`);
    await expect.poll(() => radicale.ask('GET', '').then((it) => it.status, () => 0)).not.toBe(0);
    const made = await radicale.ask(
      'MKCALENDAR',
      `${USER}/work/`,
      `<?xml version="1.0"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>
       <displayname>Work</displayname></prop></set></C:mkcalendar>`,
    );
    expect(made.status).toBe(201);
    return radicale;
  }

  ask(method: string, path: string, body?: string): Promise<Response> {
    const pair = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
    return fetch(`${this.url}/${path}`, { method, body, headers: { authorization: `Basic ${pair}` } });
  }

  /** Puts an event there. */
  async put(name: string, from: number, to: number): Promise<void> {
    const utc = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
    const lines = [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//test//EN',
      'BEGIN:VEVENT',
      `UID:${name}`,
      'DTSTAMP:20261101T000000Z',
      `DTSTART:${utc(from)}`,
      `DTEND:${utc(to)}`,
      'SUMMARY:Dentist',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ];
    const put = await this.ask('PUT', `${USER}/work/${name}.ics`, lines.join('\r\n'));
    expect(put.status).toBe(201);
  }

  /** Everything that is there. */
  async events(): Promise<string> {
    return (await this.ask('GET', `${USER}/work/`)).text();
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill();
    await ended;
    rmSync(this.directory, { recursive: true });
  }
}

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
  test.skip(!existsSync(PROGRAM), 'Radicale is not installed (PyPI: radicale)');
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
