// Answers to the desk that come late, out of order or not at all, and questions nobody asks.

import type { Page, Route } from '@playwright/test';
import type { Business } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import type { Desk } from '../fixtures/desk.ts';
import { expect, test } from '../fixtures/test.ts';

const CALLS = '**/api/desk/calls?*';
const BROKEN = { status: 500, contentType: 'application/problem+json', body: '{"type":"/problems/internal","title":"No","status":500}' };

/** Somebody telephones the business. */
async function ring(business: Business): Promise<string> {
  const number = await business.addNumber('agent_test_short');
  const call = await business.emulator.ring('+4930901820', number);
  return call?.call_id ?? '';
}

/** The page's clock is the test's to move. Its own numbers of timers are too large for wasm, which could call
 * none of them off. */
async function installClock(page: Page): Promise<void> {
  await page.clock.install();
  await page.addInitScript(() => {
    const numbers = new Map<number, number>();
    for (const [set, clear] of [['setTimeout', 'clearTimeout'], ['setInterval', 'clearInterval']] as const) {
      const [begin, end] = [window[set] as (...all: unknown[]) => number, window[clear]];
      Object.assign(window, {
        [set]: (...all: unknown[]) => {
          numbers.set(numbers.size + 1, begin(...all));
          return numbers.size;
        },
        [clear]: (number: number) => end(numbers.get(number)),
      });
    }
  });
}

/** The desk whose clock the test moves; its list is there, and its stream open. */
async function openWithClock(desk: Desk): Promise<void> {
  await installClock(desk.page);
  const stream = desk.page.waitForResponse('**/api/desk/events');
  await desk.open();
  await stream;
}

/** Somebody looks at the desk, or does not. */
const look = (page: Page, hidden: boolean) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);

/** Nobody looks for so long that the stream is let go of; it is opened anew then, and the list loaded. */
async function lookAway(page: Page): Promise<void> {
  await look(page, true);
  await page.clock.fastForward(31_000);
  await look(page, false);
}

test('a list that cannot be loaded anew says so beside what it had', async ({ desk, business }) => {
  const callId = await ring(business);
  await openWithClock(desk);
  await expect(desk.link(callId)).toBeVisible();
  await desk.page.route(CALLS, (route) => route.fulfill(BROKEN));
  await lookAway(desk.page);
  const problem = desk.page.getByRole('alert').filter({ hasText: 'Something went wrong on our side.' });
  await expect(problem).toBeVisible();
  await expect(desk.link(callId)).toBeVisible();
  await desk.page.unroute(CALLS);
  await problem.getByRole('button', { name: 'Try again' }).click();
  await expect(problem).toHaveCount(0);
  await expect(desk.link(callId)).toBeVisible();
});

test('a call that cannot be loaded anew says so beside what it had', async ({ desk, business }) => {
  const { page } = desk;
  const callId = await ring(business);
  await desk.open();
  await desk.openCall(callId);
  await expect(desk.heading('Transcript')).toBeVisible();
  await business.emulator.end(callId, 'user_hangup');
  // The last that Retell tells of it.
  await expect(page.getByText('Goal not reached')).toBeVisible();
  const detail = `**/api/desk/calls/${callId}`;
  await page.route(detail, (route) => route.fulfill(BROKEN));
  // A colleague's flag is a reason to load it anew.
  await business.ask('PUT', `/api/desk/calls/${callId}/flag`, {});
  const problem = page.getByRole('alert').filter({ hasText: 'Something went wrong on our side.' });
  await expect(problem).toBeVisible();
  await expect(desk.heading('Transcript')).toBeVisible();
  await page.unroute(detail);
  await problem.getByRole('button', { name: 'Try again' }).click();
  await expect(problem).toHaveCount(0);
});

test('a next page that comes after the list was started over offers none', async ({ desk, business }) => {
  const { page } = desk;
  const callId = await ring(business);
  await installClock(page);
  let next: string | null = 'next';
  let late: Route | undefined;
  await page.route(CALLS, async (route) => {
    if (route.request().url().includes('cursor=')) return void (late = route);
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), next_cursor: next } });
  });
  await desk.open();
  await expect(desk.link(callId)).toBeVisible();
  const more = page.locator('.sb-more button');
  // Its end is in sight, and so the list goes on by itself.
  await expect.poll(() => late !== undefined).toBe(true);
  next = null;
  const again = page.waitForResponse(CALLS);
  await lookAway(page);
  await again;
  await expect(more).toHaveCount(0);
  await late?.fulfill({ json: { items: [], next_cursor: 'later' } });
  // What was told last is on the screen: the clock of the page has gone on.
  await page.clock.runFor(2_000);
  await expect(more).toHaveCount(0);
  await expect(desk.link(callId)).toBeVisible();
});

test('a call that began while two answers were on their way stays', async ({ desk, business }) => {
  const { page } = desk;
  const before = await ring(business);
  await desk.open();
  await expect(desk.link(before)).toBeVisible();
  // The list is asked for at once, and again when the stream opens.
  const late: ((next_cursor: string | null) => Promise<void>)[] = [];
  await page.route(CALLS, async (route) => {
    if (/status=|cursor=/.test(route.request().url())) return route.fulfill({ json: { items: [], next_cursor: null } });
    const response = await route.fetch();
    const answer = (await response.json()) as object;
    late.push((next_cursor) => route.fulfill({ response, json: { ...answer, next_cursor } }));
  });
  await page.reload();
  await expect.poll(() => late.length).toBe(2);
  const callId = await ring(business);
  await expect(desk.link(callId)).toBeVisible();
  await expect(desk.link(before)).toHaveCount(0);
  await late[0]?.(null);
  await expect(desk.link(before)).toBeVisible();
  await expect(desk.link(callId)).toBeVisible();
  const more = page.waitForRequest((request) => request.url().includes('cursor='));
  // The stream may have had reasons to ask for more than these two.
  await Promise.all(late.slice(1).map((answer) => answer('next')));
  await more;
  await expect(desk.link(callId)).toBeVisible();
});

test('without a network the desk says so, loses nothing that was typed, and goes on when it is back', async ({ desk, business }) => {
  const { page } = desk;
  const id = await ring(business);
  await page.goto(`${business.stack.deskUrl}/calls/${id}`);
  const marks = page.getByRole('region', { name: 'Who sees to it' });
  await marks.getByRole('button', { name: 'Flag', exact: true }).click();
  const reason = marks.getByLabel('Why a supervisor should look at it');
  await reason.fill('Wants the manager.');
  await page.context().setOffline(true);
  await expect(page.getByText('Connection lost. Reconnecting: what you see may be out of date.')).toBeVisible();
  await expectAccessible(page);
  const send = marks.getByRole('button', { name: 'Flag for a supervisor' });
  await send.click();
  await expect(marks.getByText('The server cannot be reached. Please check your connection.')).toBeVisible();
  await expect(reason).toHaveValue('Wants the manager.');
  const missed = await ring(business);

  await page.context().setOffline(false);
  await expect(page.getByText('Connection lost.')).toBeHidden();
  await send.click();
  await expect(marks).toContainText('Flagged by Robin Sommer');
  await expect(marks).toContainText('Wants the manager.');
  // What happened meanwhile was told to nobody, and is there.
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await expect(page.locator(`a[data-call="${missed}"]`)).toBeVisible();
});

test('whoever cannot sign out is told so, has not left, and can try again', async ({ desk, business }) => {
  const { page } = desk;
  const callId = await ring(business);
  await desk.open();
  await page.route('**/api/desk/session', (route) => (route.request().method() === 'DELETE' ? route.fulfill(BROKEN) : route.continue()));
  await page.getByRole('button', { name: 'Sign out' }).click();
  const told = page.getByRole('alert');
  await expect(told).toContainText('Something went wrong on our side. Please try again. You are still signed in.');
  await expect(desk.link(callId)).toHaveCount(0);
  await page.reload();
  await expect(desk.link(callId)).toBeVisible();
  // Once more, where nothing answers at all.
  await page.route('**/api/desk/session', (route) => (route.request().method() === 'DELETE' ? route.abort() : route.continue()));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(told).toContainText('The server cannot be reached. Please check your connection. You are still signed in.');
  await page.unroute('**/api/desk/session');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByLabel('Password')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Password')).toBeVisible();
});

test('a section that is read every second waits for its answer', async ({ desk, stack }) => {
  const { page } = desk;
  await installClock(page);
  let asked = 0;
  const run = { id: 'import_1', origin: 'desk', from: 0, to: 1, state: 'running', seen: 0, changed: 0, of_others: 0, created_at: 1 };
  const running = { items: [run], webhook_url: 'https://example.com' };
  let letGo = () => {};
  let held = Promise.resolve();
  await page.route('**/api/desk/imports', async (route) => {
    asked += 1;
    await held;
    await route.fulfill({ json: running });
  });
  await page.goto(`${stack.deskUrl}/settings/webhooks`);
  await expect(page.getByRole('button', { name: 'Asking…' })).toBeVisible();
  held = new Promise((done) => (letGo = done));
  const before = asked;
  await page.clock.runFor(1_000);
  await expect.poll(() => asked).toBe(before + 1);
  for (let second = 0; second < 5; second++) await page.clock.runFor(1_000);
  expect(asked).toBe(before + 1);
  letGo();
  await page.clock.runFor(1_000);
  await expect.poll(() => asked).toBeGreaterThan(before + 1);
});

test('a desk nobody looks at asks for nothing, says only that it is there, and catches up when somebody looks', async ({ desk }) => {
  const { page } = desk;
  await installClock(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await desk.open();
  const alerts = () => asked.filter((path) => path === '/api/desk/alerts').length;
  await page.clock.runFor(61_000);
  await expect.poll(alerts).toBe(2);
  await look(page, true);
  await page.clock.runFor(31_000);
  asked.length = 0;
  await page.clock.runFor(10 * 60_000);
  expect(new Set(asked)).toEqual(new Set(['/api/desk/me/here']));
  await look(page, false);
  await expect.poll(alerts).toBe(1);
  await expect.poll(() => asked).toContain('/api/desk/events');
});
