// What a telephone does by itself: the screen stays on while it is looked at, a
// call goes on when it is dark, and the buttons of a headset work.

import type { Page } from '@playwright/test';
import { callFrame } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

test.use({ wholeBrowser: true });

interface Seen {
  locks: { released: boolean }[];
  buttons: Record<string, (() => void) | null>;
}

/** Looks on while the panel asks the browser; everything asked for really happens. */
const LOOK_ON = () => {
  const seen: Seen = { locks: [], buttons: {} };
  (window as unknown as { seen: Seen }).seen = seen;
  const request = WakeLock.prototype.request;
  WakeLock.prototype.request = async function (type) {
    const lock = await request.call(this, type);
    seen.locks.push(lock);
    return lock;
  };
  const set = MediaSession.prototype.setActionHandler;
  MediaSession.prototype.setActionHandler = function (name, act) {
    seen.buttons[name] = act as (() => void) | null;
    set.call(this, name, act);
  };
};

/** How many wake locks were had, and how many of them are held. */
const locks = (page: Page) =>
  callFrame(page).evaluate(() => {
    const { locks } = (window as unknown as { seen: Seen }).seen;
    return [locks.length, locks.filter((it) => !it.released).length];
  });

const press = (page: Page, name: string) =>
  callFrame(page).evaluate((name) => (window as unknown as { seen: Seen }).seen.buttons[name]?.(), name);

test.beforeEach(async ({ context }) => context.addInitScript(LOOK_ON));

test('the screen stays on during a call, also after it was off', async ({ page, panel, stack }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await expect.poll(() => locks(page)).toEqual([1, 1]);

  /** The browser hides the page, which takes the lock away, or shows it again. */
  const look = (hidden: boolean) =>
    callFrame(page).evaluate(async (hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      if (hidden) await (window as unknown as { seen: { locks: WakeLockSentinel[] } }).seen.locks.at(-1)?.release();
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await look(true);
  await expect.poll(() => locks(page)).toEqual([1, 0]);
  const since = await panel.measure();
  await stack.emulator.say(panel.callId, 'agent', 'In your pocket you still hear every word I say.');
  await expect.poll(async () => (await panel.measure())?.energyIn).toBeGreaterThan((since?.energyIn ?? 0) + 0.0005);
  await panel.expectState('live');
  await look(false);
  await expect.poll(() => locks(page)).toEqual([2, 1]);

  await panel.hangUp();
  await expect.poll(() => locks(page)).toEqual([2, 0]);
});

test("a headset's buttons mute, unmute and hang up", async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await expect
    .poll(() => callFrame(page).evaluate(() => navigator.mediaSession.metadata?.title ?? ''))
    .not.toBe('');
  await press(page, 'togglemicrophone');
  await expect(panel.button('Unmute')).toBeVisible();
  await press(page, 'togglemicrophone');
  await expect(panel.button('Mute')).toBeVisible();
  await press(page, 'hangup');
  await panel.expectEnded('hung-up');
  await expect
    .poll(() => callFrame(page).evaluate(() => (window as unknown as { seen: Seen }).seen.buttons.hangup === null))
    .toBe(true);
});
