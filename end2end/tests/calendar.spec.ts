// The calendar: what is booked by day and by week, booked, moved and cancelled by a person, and
// live while somebody else books.

import type { Business } from 'switchboard-playwright';
import type { Page } from '@playwright/test';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

interface Made {
  id: string;
}

/** Open every day, with Ada and Ben and a service of half an hour. */
async function furnish(business: Business): Promise<{ service: string; ada: string }> {
  const settings = (await business.ask('GET', '/api/desk/business')) as Record<string, unknown>;
  const hours = { week: Array(7).fill([{ from: '00:00', to: '24:00' }]), exceptions: [] };
  await business.ask('PUT', '/api/desk/business', { ...settings, hours });
  const add = async (what: string, body: unknown) => ((await business.ask('POST', `/api/desk/calendar/${what}`, body)) as Made).id;
  const ada = await add('staff', { name: 'Ada' });
  await add('staff', { name: 'Ben' });
  const service = await add('services', { name: 'Check-up', minutes: 30, price: { cents: 4500, currency: 'EUR' } });
  return { service, ada };
}

const booking = (page: Page, name: string) => page.locator('.sb-booking', { hasText: name });

const tomorrow = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(Date.now() + 86_400_000);

test('a person books, moves and cancels, and takes it back, with the keyboard', async ({ desk, business, stack }) => {
  const { page } = desk;
  await furnish(business);
  await page.goto(`${stack.url}/desk/calendar`);
  await expect(desk.heading('Calendar')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Week' })).toHaveAttribute('aria-pressed', 'true');

  await page.getByRole('button', { name: 'Book', exact: true }).press('Enter');
  const form = page.getByRole('dialog', { name: 'Book' });
  await expect(form.getByLabel('Service')).toContainText('Check-up, 30 min');
  await form.getByLabel('With').selectOption('Ada');
  await form.getByLabel('Day').fill(tomorrow());
  await form.getByRole('button', { name: 'Book' }).press('Enter');
  await expect(form.getByRole('alert').filter({ hasText: 'Please choose a time.' })).toBeVisible();
  await form.getByRole('radio', { name: '10:00 AM' }).check();
  await form.getByLabel('Name').fill('Ana García');
  await form.getByLabel('Phone number').fill('+34 612 34 56 78');
  await form.getByLabel('Notes').fill('First visit');
  await expectAccessible(page);
  await form.getByLabel('Name').press('Enter');
  await expect(page.getByText(/^Booked\. The number is \d{6}\.$/)).toBeVisible();
  await expect(form).toBeHidden();
  const ana = booking(page, 'Ana García');
  await expect(ana).toContainText('10:00');
  await expect(ana).toContainText('Check-up · Ada');
  await expectAccessible(page);

  await ana.press('Enter');
  const details = page.getByRole('dialog', { name: 'Booking' });
  await expect(details.getByRole('link', { name: '+34612345678' })).toHaveAttribute('href', /^\/desk\/calls\/new\?to=/);
  await expect(details).toContainText('First visit');
  await details.getByRole('button', { name: 'Move' }).press('Enter');
  // Her own time is not free for anybody, not for herself either.
  await expect(details.getByRole('radio', { name: '11:00 AM' })).toBeVisible();
  await expect(details.getByRole('radio', { name: '10:00 AM' })).toHaveCount(0);
  await details.getByRole('radio', { name: '11:00 AM' }).check();
  await details.getByRole('button', { name: 'Move' }).press('Enter');
  await expect(ana).toContainText('11:00');
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(ana).toContainText('10:00');

  await ana.press('Enter');
  await details.getByRole('button', { name: 'Cancel booking' }).press('Enter');
  await expect(ana).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(ana).toContainText('10:00');

  // A day has a column for each member of staff.
  await page.getByLabel('Go to a day').fill(tomorrow());
  await page.getByRole('button', { name: 'Day', exact: true }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Ada' })).toBeVisible();
  await expect(page.locator('section', { has: page.getByRole('heading', { name: 'Ada' }) }).last().locator('.sb-booking')).toHaveCount(1);
  await expectAccessible(page);
});

test('a booking is dragged to another time and another person, led by keys, and put back', async ({ desk, business, stack }) => {
  const { page } = desk;
  const { service, ada } = await furnish(business);
  const free = (await business.ask('GET', `/api/desk/calendar/slots?service_id=${service}&staff_id=${ada}&limit=500&to=${Date.now() + 3 * 86_400_000}`)) as {
    items: { starts_at: number }[];
  };
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'short' });
  const at = free.items.find((it) => clock.format(it.starts_at) === `${tomorrow()} 10:00`)!;
  const book = (name: string, staff_id: string, starts_at: number) =>
    business.ask('POST', '/api/desk/calendar/bookings', { service_id: service, staff_id, starts_at, name });
  await book('Ana García', ada, at.starts_at);
  await book('Zoe Taken', ada, at.starts_at + 3 * 3_600_000);
  await page.setViewportSize({ width: 1440, height: 1100 });
  await page.goto(`${stack.url}/desk/calendar?day=${tomorrow()}&view=day`);
  const column = (name: string) => page.locator('section.sb-calendar-column', { has: page.getByRole('heading', { name, exact: true }) });
  const ana = booking(page, 'Ana García');
  await expect(ana).toContainText('10:00');
  const place = async () => (await ana.boundingBox())!;
  const drag = async (x: number, y: number) => {
    const box = await place();
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 20 + x / 2, box.y + 10 + y / 2);
    await page.mouse.move(box.x + 20 + x, box.y + 10 + y);
  };
  const hour = await page.locator('.sb-calendar-clock span').nth(1).evaluate((it) => it.getBoundingClientRect().height);
  const wide = (await column('Ada').boundingBox())!.width;

  await test.step('by mouse, to another hour and somebody else, and undone', async () => {
    await drag(wide, hour);
    // Where it would go is told before it goes.
    await expect(ana).toContainText('11:00');
    await expect(column('Ada').locator('.sb-booking', { hasText: 'Ana García' })).toHaveCount(1);
    await page.mouse.up();
    await expect(column('Ben').locator('.sb-booking', { hasText: 'Ana García' })).toContainText('11:00');
    await expect(page.getByText(/^Moved to .*11:00/)).toBeVisible();
    await expect(page.getByRole('dialog', { name: 'Booking' })).toBeHidden();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(column('Ada').locator('.sb-booking', { hasText: 'Ana García' })).toContainText('10:00');
  });

  await test.step('what is refused goes back, and is said', async () => {
    await drag(0, 3 * hour);
    await page.mouse.up();
    await expect(page.locator('.sb-toast')).toContainText('Somebody else has just taken this time.');
    await expect(ana).toContainText('10:00');
  });

  await test.step('by keyboard, on the times that are offered', async () => {
    const settings = (await business.ask('GET', '/api/desk/calendar/settings')) as Record<string, unknown>;
    await business.ask('PUT', '/api/desk/calendar/settings', { ...settings, step_minutes: 30 });
    await page.reload();
    await expect(ana).toContainText('10:00');
    await ana.focus();
    await ana.press('Shift+ArrowDown');
    await expect(page.getByRole('status').filter({ hasText: 'Enter moves it there' })).toContainText('10:30');
    await ana.press('Escape');
    await expect(ana).toContainText('10:00');
    await ana.press('Shift+ArrowUp');
    await ana.press('Enter');
    await expect(ana).toContainText('9:30');
    await expect(page.getByText(/^Moved to .*9:30/)).toBeVisible();
    await expect(ana).toBeFocused();
    await expectAccessible(page);
  });
});

test('what somebody else books and holds is there by itself, also on a telephone', async ({ desk, business, stack }) => {
  const { page } = desk;
  const { service, ada } = await furnish(business);
  await page.setViewportSize({ width: 375, height: 720 });
  await page.goto(`${stack.url}/desk/calendar`);
  await page.getByLabel('Go to a day').fill(tomorrow());
  await expect(page.getByText('Nothing booked').first()).toBeVisible();
  const free = (await business.ask('GET', `/api/desk/calendar/slots?service_id=${service}&staff_id=${ada}&limit=500&to=${Date.now() + 3 * 86_400_000}`)) as {
    items: { starts_at: number }[];
  };
  const [first, second] = [free.items.at(-1)!, free.items.at(-4)!];
  const at = { service_id: service, staff_id: ada };
  await business.ask('POST', '/api/desk/calendar/bookings', { ...at, starts_at: first.starts_at, name: 'Bruno Live' });
  const shownDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(first.starts_at);
  await page.getByLabel('Go to a day').fill(shownDay);
  await expect(booking(page, 'Bruno Live')).toBeVisible();
  await business.ask('POST', '/api/desk/calendar/holds', { ...at, starts_at: second.starts_at, name: 'Carla Thinks' });
  const held = booking(page, 'Carla Thinks');
  await expect(held).toContainText(/Held, \d:\d\d left/);
  await expectAccessible(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, 'scrolls sideways').toBeLessThanOrEqual(0);

  // Somebody is about to say yes to it: that is asked about.
  await held.click();
  const details = page.getByRole('dialog', { name: 'Booking' });
  await details.getByRole('button', { name: 'Give back' }).click();
  await page.getByRole('dialog', { name: 'Give this time back?' }).getByRole('button', { name: 'Give back' }).click();
  await expect(held).toHaveCount(0);
});

test('an admin says what can be booked, with whom and how', async ({ desk, business, stack }) => {
  const { page } = desk;
  await page.goto(`${stack.url}/desk/calendar`);
  await expect(page.getByText('Nothing can be booked yet')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Services and staff' }).click();
  await page.getByRole('button', { name: 'Add somebody' }).click();
  await page.getByLabel('Name').fill('Ada');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByRole('table', { name: 'Staff' })).toContainText('Ada');

  // Her own calendar reads along, as long as its address is not taken back.
  await page.getByRole('button', { name: 'Change: Ada' }).click();
  const member = page.getByRole('form', { name: 'Change this person' });
  await member.getByRole('button', { name: 'Make an address' }).click();
  const feed = await member.getByRole('textbox', { name: 'Address of the calendar' }).inputValue();
  expect(await (await page.request.get(feed)).text()).toContain('X-WR-CALNAME:Ada');
  await expectAccessible(page);
  await member.getByRole('button', { name: 'Take the address back' }).click();
  await expect(member.getByText('The address is none any more.')).toBeVisible();
  expect((await page.request.get(feed)).status()).toBe(404);
  await member.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('button', { name: 'Add a service' }).click();
  const form = page.getByRole('form', { name: 'Add a service' });
  await form.getByLabel('Minutes').fill('42');
  await form.getByLabel('Name').fill('Check-up');
  await form.getByLabel('Price').fill('45,50');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByLabel('Minutes')).toHaveAccessibleDescription('A multiple of five, please.');
  await form.getByLabel('Minutes').fill('40');
  await form.getByLabel('Free after (min)').fill('10');
  await form.getByRole('checkbox', { name: 'Ada' }).check();
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Save' }).click();
  const services = page.getByRole('table', { name: 'Services' });
  await expect(services).toContainText('40 min, free 0 before and 10 after');
  await expect(services).toContainText('45.50 EUR');
  await expect(services).toContainText('Ada');

  const rules = page.getByRole('form', { name: 'How times are offered' });
  await rules.getByLabel('A time every (min)').selectOption('30');
  await rules.getByLabel('Held for (min)').fill('9');
  await rules.getByRole('button', { name: 'Save' }).click();
  await expect(rules.getByText('Saved')).toBeVisible();
  expect(await business.ask('GET', '/api/desk/calendar/settings')).toMatchObject({ step_minutes: 30, hold_minutes: 9 });

  await services.getByRole('button', { name: 'Change: Check-up' }).click();
  await page.getByRole('form', { name: 'Change the service' }).getByRole('checkbox', { name: 'Can be booked' }).uncheck();
  await page.getByRole('form', { name: 'Change the service' }).getByRole('button', { name: 'Save' }).click();
  await expect(services).toContainText('Off');
  await services.getByRole('button', { name: 'Remove: Check-up' }).click();
  await page.getByRole('dialog', { name: 'Remove Check-up?' }).getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No services yet')).toBeVisible();
});

test('the day that is shown is in the address, and back leads to the one before', async ({ desk, business, stack }) => {
  const { page } = desk;
  await furnish(business);
  await page.goto(`${stack.url}/desk/calendar`);
  const day = page.getByLabel('Go to a day');
  const today = await day.inputValue();
  await page.getByRole('button', { name: 'Day', exact: true }).click();
  await page.getByRole('button', { name: 'Later' }).click();
  await expect(day).toHaveValue(tomorrow());
  await expect(page).toHaveURL(new RegExp(`/desk/calendar\\?day=${tomorrow()}&view=day$`));

  await page.reload();
  await expect(day).toHaveValue(tomorrow());
  await expect(page.getByRole('button', { name: 'Day', exact: true })).toHaveAttribute('aria-pressed', 'true');

  await page.goBack();
  await expect(day).toHaveValue(today);
  await page.goBack();
  await expect(page.getByRole('button', { name: 'Week' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page).toHaveURL(/\/desk\/calendar$/);
  await page.goForward();
  await expect(page.getByRole('button', { name: 'Day', exact: true })).toHaveAttribute('aria-pressed', 'true');
});
