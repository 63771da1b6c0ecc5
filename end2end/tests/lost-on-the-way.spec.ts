// What does not come on the first try: our later scripts, the transcript's stream, sound.

import { createServer } from 'node:http';
import { SCRIPT, TAG, listen, stop } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

const UNREACHABLE = 'We cannot be reached';

test('scripts that are lost are told, and asked for again at the next click', async ({ page, panel, business }) => {
  const key = await business.makeKey({ name: 'Call-backs', agents: ['agent_demo_es'], modes: ['voice', 'callback'], countries: ['ES'] });
  // Only the first request for each.
  const lost = new Set<string>();
  await page.route(/assets\/(before|extras|callback)\.\w+\.js/, (route) => {
    const { pathname } = new URL(route.request().url());
    if (lost.has(pathname)) return route.continue();
    lost.add(pathname);
    return route.abort();
  });
  await panel.visitPage(TAG.replace('key="KEY"', `consent="true" key="${key}"`) + SCRIPT);
  await panel.call();
  await expect(panel.inside.getByText(UNREACHABLE)).toBeVisible();
  // Now what offers the call-backs is lost.
  await panel.button('Start call').click();
  await expect.poll(() => lost.size).toBe(2);
  await expect(panel.inside.getByText(UNREACHABLE)).toBeVisible();
  await panel.button('Start call').click();
  const question = panel.inside.getByRole('dialog', { name: 'Before we begin' });
  await expect(question).toBeVisible();
  await question.getByRole('button', { name: 'Cancel' }).click();

  await panel.button('Check my setup').click();
  await expect(panel.inside.getByText(UNREACHABLE)).toBeVisible();
  await panel.button('Check my setup').click();
  await expect(panel.inside.getByRole('dialog', { name: 'Check my setup' })).toBeVisible();
  expect(lost.size).toBe(3);
});

test('a transcript on whose connection nothing comes any more is read on another', async ({ page, panel }) => {
  // A server that answers and falls silent, as a connection does that is open at one end alone.
  const silent = createServer((_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders());
  const url = `http://127.0.0.1:${await listen(silent)}/`;
  await page.addInitScript(() => {
    const set = window.setTimeout;
    // Three quarters of a minute are long for a test.
    Object.assign(window, { setTimeout: (what: () => void, ms: number) => set(what, ms === 45_000 ? 1_000 : ms) });
  });
  let asked = 0;
  await page.route('**/web-calls/*/events', (route) => (asked++ ? route.continue() : route.continue({ url })));
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('short test call');
  expect(asked).toBeGreaterThan(1);
  await stop(silent);
});

test('a transcript that does not come says so, until it does', async ({ page, panel }) => {
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  let refuse = true;
  await page.route('**/web-calls/*/events', (route) => (refuse ? route.fulfill({ status: 503 }) : route.continue()));
  await panel.visit();
  await panel.callUntilHeard();
  const missing = panel.inside.locator('#sbw-notice');
  await expect(missing).toHaveText(/transcript/i);
  refuse = false;
  await expect(panel.transcript).toContainText('short test call');
  await expect(missing).toHaveText('');
  // Nothing that opens a call stands in an address: proxies write those down.
  expect(addresses.filter((it) => it.includes('/events')).length).toBeGreaterThan(1);
  expect(addresses.filter((it) => /ticket|stream/.test(it))).toEqual([]);
});

test('an agent the browser plays to nobody it does not record is heard once the microphone is open', async ({ page, context, panel }) => {
  await context.grantPermissions(['microphone']);
  await context.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const play = HTMLMediaElement.prototype.play;
    let recorded = false;
    const refused = new Promise<void>((done) => {
      HTMLMediaElement.prototype.play = function () {
        if (recorded) return play.call(this);
        done();
        return Promise.reject(new DOMException('not allowed', 'NotAllowedError'));
      };
    });
    navigator.mediaDevices.getUserMedia = async (what) => {
      await refused;
      const stream = await open(what);
      recorded = true;
      return stream;
    };
  });
  await panel.visit();
  await panel.warm();
  await panel.call();
  await panel.expectState('live');
  await panel.expectAgentHeard();
  await expect(panel.button('Tap to hear')).toBeHidden();
  await expect.poll(() => page.frames()[1].evaluate(() => [...document.querySelectorAll('audio')].every((it) => !it.paused))).toBe(true);
});

test('the screen is kept awake once, and let go though that comes late', async ({ context, panel, page }) => {
  await context.addInitScript(() => {
    const locks = { asked: 0, released: 0, give: () => {} };
    Object.assign(window, { locks });
    const given = new Promise<void>((done) => (locks.give = done));
    const request = async () => {
      locks.asked++;
      await given;
      return Object.assign(new EventTarget(), { release: async () => void locks.released++ });
    };
    Object.defineProperty(navigator, 'wakeLock', { value: { request } });
  });
  await panel.visit();
  await panel.callUntilHeard();
  const frame = page.frames()[1];
  const locks = () => frame.evaluate(() => (window as unknown as { locks: { asked: number; released: number } }).locks);
  await expect.poll(async () => (await locks()).asked).toBe(1);
  await frame.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await panel.hangUp();
  await frame.evaluate(() => (window as unknown as { locks: { give(): void } }).locks.give());
  await expect.poll(locks).toMatchObject({ asked: 1, released: 1 });
});
