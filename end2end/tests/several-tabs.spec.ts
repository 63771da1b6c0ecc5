// All tabs of a browser have one event stream: one of them reads it, the others are told, and what is
// to be told is told once.

import type { Request } from '@playwright/test';
import type { Stack } from 'switchboard-playwright';
import { Desk } from '../fixtures/desk.ts';
import { choose, ready, ring, toasts } from '../fixtures/notices.ts';
import { expect, test } from '../fixtures/test.ts';

/** How many more desks are told by the server than when this was asked first: other tests have theirs. */
async function streams(stack: Stack): Promise<() => Promise<number>> {
  const all = async () => {
    const text = await (await fetch(`${stack.url}/metrics`)).text();
    return Number(/^switchboard_desk_streams (\d+)$/m.exec(text)?.[1]);
  };
  const before = await all();
  return async () => (await all()) - before;
}

test('three tabs have one stream; when the one that reads it goes, the others miss nothing', async ({ browser, business, stack }) => {
  const more = await streams(stack);
  const context = await browser.newContext({ storageState: { cookies: business.cookies, origins: [] } });
  const number = await business.addNumber('agent_demo_de');
  await choose(context, { page: true });
  const tabs: Desk[] = [];
  const reading = new Set<Desk>();
  for (let nth = 0; nth < 3; nth += 1) {
    const tab = new Desk(await context.newPage(), stack.deskUrl);
    const isStream = (request: Request) => request.url().endsWith('/api/desk/events');
    tab.page.on('request', (request) => isStream(request) && reading.add(tab));
    tab.page.on('requestfailed', (request) => isStream(request) && reading.delete(tab));
    await tab.open();
    await ready(tab.page);
    tabs.push(tab);
  }
  await expect.poll(more).toBe(1);
  const first = await ring(business, number);
  for (const tab of tabs) await expect(tab.link(first)).toBeVisible();
  // One of them tells it.
  const told = async (all: Desk[]) => (await Promise.all(all.map((tab) => toasts(tab.page).count()))).reduce((a, b) => a + b, 0);
  await expect.poll(() => told(tabs)).toBe(1);

  const [reads] = reading;
  const left = tabs.filter((tab) => tab !== reads);
  expect(left).toHaveLength(2);
  // Nothing else may bring what is missed.
  for (const tab of left) await tab.page.route('**/api/desk/calls?*', (route) => route.abort());
  const closed = reads.page.close();
  const second = await ring(business, number);
  await closed;
  for (const tab of left) await expect(tab.link(second)).toBeVisible();
  const third = await ring(business, number);
  for (const tab of left) await expect(tab.link(third)).toBeVisible();
  await expect.poll(more).toBe(1);
  for (const tab of left) await expect(tab.page.getByText('Connection lost')).toHaveCount(0);
  await context.close();
  await expect.poll(more).toBe(0);
  for (const call of [first, second, third]) await business.emulator.end(call, 'user_hangup');
});

test('a tab that was put to sleep while it read is noticed like a connection on which nothing comes', async ({ browser, business, stack }) => {
  const more = await streams(stack);
  const context = await browser.newContext({ storageState: { cookies: business.cookies, origins: [] } });
  const number = await business.addNumber('agent_demo_de');
  await choose(context, { page: true });
  const [reads, other] = [await context.newPage(), await context.newPage()].map((page) => new Desk(page, stack.deskUrl));
  await reads.open();
  await ready(reads.page);
  await other.page.clock.install();
  await other.open();
  await ready(other.page);
  await expect.poll(more).toBe(1);
  const first = await ring(business, number);
  await expect(other.link(first)).toBeVisible();

  // As one does that the system has put to sleep, it has the lock and says nothing.
  await reads.page.evaluate(() => (BroadcastChannel.prototype.postMessage = () => {}));
  const asked = other.page.waitForRequest('**/api/desk/events');
  await other.page.clock.runFor(46_000);
  await asked;
  await reads.page.close();
  const second = await ring(business, number);
  await expect(other.link(second)).toBeVisible();
  await context.close();
  for (const call of [first, second]) await business.emulator.end(call, 'user_hangup');
});

test('where tabs cannot agree, each has a stream of its own', async ({ browser, business, stack }) => {
  const more = await streams(stack);
  const context = await browser.newContext({ storageState: { cookies: business.cookies, origins: [] } });
  await context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
  const tabs = [await context.newPage(), await context.newPage()].map((page) => new Desk(page, stack.deskUrl));
  for (const tab of tabs) {
    const shared = tab.page.waitForResponse(/desk_tabs/);
    await tab.open();
    await (await shared).finished();
  }
  await expect.poll(more).toBe(2);
  const call = await ring(business, await business.addNumber('agent_demo_de'));
  for (const tab of tabs) await expect(tab.link(call)).toBeVisible();
  await business.emulator.end(call, 'user_hangup');
  await context.close();
});
