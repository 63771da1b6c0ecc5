// The pictures of the docs: a morning at a dental practice, as its desk and a visitor see it.
// `cargo xtask pictures` takes them anew; nobody's test.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Business, Emulator } from 'switchboard-playwright';
import { type Page, expect, test } from '../fixtures/test.ts';

const SCREENS = join(import.meta.dirname, '../../docs/screens');
const SIZES = [
  { width: 1440, height: 900 },
  { width: 768, height: 1024 },
  { width: 375, height: 812 },
];

const DAY = 86_400_000;

/** Who called this morning, what was said, how it ended and what it came to; the last one is still there. */
const CALLS: { from: string; name?: string; says: string[]; ended?: string; summary?: string; sentiment?: string }[] = [
  { from: '+491701234567', name: 'Jonas Weber', says: ['Do you take new patients?', 'We do. When would you like to come?', 'I will call again on Monday.'], ended: 'user_hangup', summary: 'Asked whether new patients are taken. Will call again on Monday.', sentiment: 'Neutral' },
  { from: '+34612345678', name: 'Ana García', says: ['I have to move my appointment.', 'Of course. Thursday at ten is free.', 'Thursday is fine, thank you.', 'Then we see you on Thursday.'], ended: 'agent_hangup', summary: 'Moved her appointment to Thursday at ten.', sentiment: 'Positive' },
  { from: '+4930901820', says: ['Hello?', 'Sunrise Dental, this is Emma. How can I help you?'], ended: 'inactivity', summary: 'Said nothing after the greeting.', sentiment: 'Neutral' },
  { from: '+4915112345678', name: 'Mia Keller', says: ['How much is a cleaning?', 'A cleaning is eighty-five euros.', 'That is a lot.', 'Your insurance may pay a part of it.'], ended: 'user_hangup', summary: 'Found the price of a cleaning too high.', sentiment: 'Negative' },
  { from: '+4989123456', name: 'Labor Huber', says: ['The crown for Mr. Weber is ready.', 'Thank you, I have noted it for the practice.'], ended: 'agent_hangup', summary: 'The crown for Mr. Weber is ready.', sentiment: 'Positive' },
  { from: '+447700900123', name: 'Oliver Reed', says: ['My crown came off this morning.', 'Oh dear. Does it hurt?', 'A little, when I drink something cold.', 'Then somebody should look at it today. May I put you through?'] },
];

/** An agent whose lines are said by this file. */
const listens = ({ summary = '', sentiment = 'Unknown' }: (typeof CALLS)[number]) => `
name = "Emma"
language = "en-US"

[[steps]]
tool = "check_customer"
arguments = {}

[[steps]]
tool = "check_availability"
arguments = { service = "Check-up", relative_day = "tomorrow" }

[[steps]]
visitor = "…"

[analysis]
summary = "${summary}"
sentiment = "${sentiment}"
`;

/** The practice: when it is open, who works there, what it offers, and whom it knows. */
async function furnish(business: Business): Promise<void> {
  const settings = (await business.ask('GET', '/api/desk/business')) as Record<string, unknown>;
  const day = [{ from: '08:00', to: '18:00' }];
  await business.ask('PUT', '/api/desk/business', { ...settings, hours: { week: Array(7).fill(day), exceptions: [] } });
  const staff = [];
  for (const name of ['Dr. Ada Lorenz', 'Dr. Ben Okafor']) staff.push((await business.ask('POST', '/api/desk/calendar/staff', { name })) as { id: string });
  const services = [];
  for (const [name, minutes, cents] of [['Check-up', 30, 4500], ['Cleaning', 45, 8500], ['Filling', 60, 12000]] as const) {
    const service = { name, minutes, price: { cents, currency: 'EUR' } };
    services.push((await business.ask('POST', '/api/desk/calendar/services', service)) as { id: string });
  }
  for (const { name, from } of CALLS) if (name) await business.ask('POST', '/api/desk/contacts', { name, phone: from });
  for (const [at, { name, from }] of CALLS.filter((call) => call.name).entries()) {
    const service = services[at % services.length].id;
    const path = `/api/desk/calendar/slots?service_id=${service}&staff_id=${staff[at % staff.length].id}&from=${Date.now() + (at % 3) * DAY}&limit=${1 + 3 * at}`;
    const { items } = (await business.ask('GET', path)) as { items: { starts_at: number; staff_id: string }[] };
    const slot = items.at(-1);
    if (slot) await business.ask('POST', '/api/desk/calendar/bookings', { service_id: service, staff_id: slot.staff_id, starts_at: slot.starts_at, name, phone: from });
  }
}

/** Has said in one of them what is said, each line once the one before was heard, and ends it. */
async function talk(emulator: Emulator, id: string, { says, ended }: (typeof CALLS)[number]): Promise<void> {
  for (const [at, text] of says.entries()) {
    await emulator.say(id, at % 2 === 0 ? 'user' : 'agent', text);
    await expect.poll(async () => JSON.stringify(await emulator.retellCall(id))).toContain(text);
  }
  if (ended) await emulator.end(id, ended);
}

/** Pictures of a page as it is, in every width, by day and by night. */
async function take(page: Page, name: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
      await writeFile(join(SCREENS, `${name}-${size.width}-${colorScheme}.webp`), await webp(page, png));
    }
  }
}

/** The same picture, at a tenth of its size. */
async function webp(page: Page, png: Buffer): Promise<Buffer> {
  const blank = await page.context().newPage();
  const picture = await blank.evaluate(async (source) => {
    const bitmap = await createImageBitmap(await (await fetch(source)).blob());
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL('image/webp', 0.8);
  }, `data:image/png;base64,${png.toString('base64')}`);
  await blank.close();
  return Buffer.from(picture.split(',')[1], 'base64');
}

test('the desk', async ({ desk, business, stack }) => {
  const { page } = desk;
  await furnish(business);
  const ids: string[] = [];
  for (const call of CALLS) {
    const emma = { agent_name: 'Emma', emulator_functions_url: `${stack.url}/api/functions/{tool}` };
    const number = await business.addNumber(await business.addAgent(listens(call), emma));
    ids.push((await stack.emulator.ring(call.from, number))?.call_id ?? '');
  }
  await Promise.all(CALLS.map((call, at) => talk(stack.emulator, ids[at], call)));
  const [live, heard] = [ids.at(-1) ?? '', ids[1]];

  await desk.open();
  for (const id of ids) await expect(desk.link(id)).toBeVisible();
  await take(page, 'list');

  await page.goto(`${stack.url}/desk/calls/${live}`);
  await expect(desk.transcript).toContainText('May I put you through?');
  await take(page, 'call');

  await page.goto(`${stack.url}/desk/calls/${heard}`);
  await expect(page.getByRole('group', { name: 'Recording of this call' })).toBeVisible();
  await take(page, 'player');

  await page.goto(`${stack.url}/desk/calendar`);
  await expect(page.locator('.sb-booking').first()).toBeVisible();
  await take(page, 'calendar');

  await page.goto(`${stack.url}/desk/contacts`);
  await page.getByRole('link', { name: 'Ana García' }).click();
  await expect(page.getByRole('region', { name: 'What happened' })).toContainText('Appointment');
  await take(page, 'contact');

  await page.goto(`${stack.url}/desk/settings/functions`);
  await expect(page.getByRole('row', { name: /check_availability/ }).first()).toBeVisible();
  await take(page, 'functions');

  await business.makeKey({ name: 'Website', title: 'Sunrise Dental', agents: ['agent_demo_en'], origins: ['https://www.sunrise-dental.example'], calls_per_minute: 6 });
  await page.goto(`${stack.url}/desk/settings/public-keys`);
  await page.getByRole('button', { name: 'Edit Website' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toBeVisible();
  await take(page, 'public-key');
});

test('a visitor', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await panel.speakAndBeSent('hello');
  await expect(panel.transcript).toContainText('Yes, I can hear you well.');
  await take(page, 'widget');
});
