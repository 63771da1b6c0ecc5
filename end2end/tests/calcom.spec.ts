// An admin connects the business's account at Cal.com and has a service kept there: what is free
// there is offered at the desk, what is booked stands there, and what is cancelled there as well
// is here.

import { createHmac } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import { body, listen, stop } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

const HALF_HOUR = 1_800_000;
const SECRET = 'a secret for the webhook';

type Booked = { uid: string; status: string; start: number; attendee: Record<string, string>; metadata: unknown };

/** A Cal.com with one event type, free at every half hour that is not booked. */
class Calcom {
  readonly booked: Booked[] = [];
  readonly key = 'cal_live_key';

  private constructor(
    private readonly http: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Calcom> {
    const http = createServer();
    const calcom = new Calcom(http, `http://127.0.0.1:${await listen(http)}/v2`);
    http.on('request', async (request, response) => {
      const sent = JSON.parse((await body(request)).toString() || '{}');
      const allowed = request.headers.authorization === `Bearer ${calcom.key}`;
      const asked = `${request.method} ${request.url}`;
      const [status, data] = allowed ? calcom.answer(asked, sent) : [401, undefined];
      const answer = status < 300 ? { status: 'success', data } : { status: 'error', error: { message: 'No' } };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    return calcom;
  }

  private answer(asked: string, sent: Record<string, unknown>): [number, unknown] {
    const iso = (ms: number) => new Date(ms).toISOString();
    const shown = (it: Booked) => ({
      uid: it.uid,
      status: it.status,
      start: iso(it.start),
      end: iso(it.start + HALF_HOUR),
      eventType: { id: 7, slug: 'cut' },
      hosts: [{ name: 'Ada' }],
      attendees: [it.attendee],
      metadata: it.metadata,
    });
    const url = new URL(asked.split(' ')[1] ?? '', this.url);
    const uid = url.pathname.split('/')[3];
    const one = this.booked.find((it) => it.uid === uid);
    if (asked === 'GET /v2/me') return [200, { id: 1, name: 'Ada', username: 'sunrise', email: 'ada@example.com' }];
    if (url.pathname === '/v2/event-types') {
      return [200, [{ id: 7, title: 'Haircut', slug: 'cut', lengthInMinutes: 30, bookingFields: [] }]];
    }
    if (url.pathname === '/v2/slots') {
      const days: Record<string, unknown[]> = {};
      const from = Math.ceil(Date.parse(url.searchParams.get('start') ?? '') / HALF_HOUR) * HALF_HOUR;
      for (let at = from; at <= Date.parse(url.searchParams.get('end') ?? ''); at += HALF_HOUR) {
        if (this.booked.some((it) => it.status === 'accepted' && it.start === at)) continue;
        const day = iso(at).slice(0, 10);
        days[day] = [...(days[day] ?? []), { start: iso(at), end: iso(at + HALF_HOUR) }];
      }
      return [200, days];
    }
    if (asked === 'POST /v2/bookings') {
      const made: Booked = {
        uid: `booking_${this.booked.length + 1}`,
        status: 'accepted',
        start: Date.parse(sent.start as string),
        attendee: sent.attendee as Record<string, string>,
        metadata: sent.metadata,
      };
      this.booked.push(made);
      return [201, shown(made)];
    }
    return one && asked.startsWith('GET') ? [200, shown(one)] : [404, undefined];
  }

  stop(): Promise<void> {
    return stop(this.http);
  }
}

test('a service is kept at Cal.com, booked at the desk, and cancelled there', async ({ business, desk, stack }) => {
  const calcom = await Calcom.start();
  const { page } = desk;
  await page.goto(`${stack.url}/desk/settings/linked-calendars`);

  // A key that is wrong, and the right one.
  const account = page.getByRole('form', { name: 'Cal.com' });
  await account.getByLabel('Address of the API').fill(calcom.url);
  await account.getByLabel('API key').fill('another');
  await account.getByLabel('Secret of the webhook').fill(SECRET);
  await account.getByRole('button', { name: 'Save' }).click();
  await account.getByRole('button', { name: 'Test' }).click();
  await expect(account.getByText('The key is not accepted.')).toBeVisible();
  await expectAccessible(page);
  await account.getByLabel('API key').fill(calcom.key);
  await account.getByRole('button', { name: 'Save' }).click();
  await expect(account.getByLabel('API key')).toHaveValue('');
  await account.getByRole('button', { name: 'Test' }).click();
  await expect(account.getByText('It works. (Ada)')).toBeVisible();
  const hook = await account.getByText('/api/calcom/webhook/').textContent();

  await page.goto(`${stack.url}/desk/settings/services`);
  await page.getByRole('button', { name: 'Add a service' }).click();
  const service = page.getByRole('form', { name: 'Add a service' });
  await service.getByLabel('Name').fill('Cut');
  await service.getByLabel('Kept').selectOption('Cal.com: Haircut, 30 min');
  await expectAccessible(page);
  await service.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('table', { name: 'Services' })).toContainText('Cut');

  // Two days from now, so that none of it is too soon.
  const noon = Math.floor((Date.now() + 2 * 86_400_000) / 86_400_000) * 86_400_000 + 11 * 3_600_000;
  await page.goto(`${stack.url}/desk/calendar`);
  await page.getByRole('button', { name: 'Book', exact: true }).click();
  const form = page.getByRole('dialog', { name: 'Book' });
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(noon);
  await form.getByLabel('Day').fill(day);
  const clock = new Intl.DateTimeFormat('en-US', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
  await form.getByRole('radio', { name: clock.format(noon), exact: true }).check();
  await form.getByLabel('Name').fill('Ana García');
  await form.getByLabel('Phone number').fill('+34 612 34 56 78');
  await form.getByLabel('Name').press('Enter');
  await expect(page.getByText(/^Booked\. The number is \d{6}\.$/)).toBeVisible();
  expect(calcom.booked.map((it) => [it.start, it.attendee.phoneNumber])).toEqual([[noon, '+34612345678']]);

  // Cancelled there: the desk hears of it by itself.
  const bookings = async () => {
    const page = (await business.ask('GET', '/api/desk/calendar/bookings')) as { items: unknown[] };
    return page.items.length;
  };
  expect(await bookings()).toBe(1);
  for (const it of calcom.booked) it.status = 'cancelled';
  const told = JSON.stringify({ triggerEvent: 'BOOKING_CANCELLED', payload: { uid: 'booking_1' } });
  const signature = createHmac('sha256', SECRET).update(told).digest('hex');
  const path = new URL((hook ?? '').trim()).pathname;
  const answer = await fetch(`${stack.url}${path}`, {
    method: 'POST',
    body: told,
    headers: { 'x-cal-signature-256': signature },
  });
  expect(answer.status).toBe(204);
  await expect.poll(bookings).toBe(0);
  await calcom.stop();
});
