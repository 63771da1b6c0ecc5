// The network goes away during a call.

import { callFrame } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('a cut is shown, and the voices come back with the network', async ({ panel, stack }) => {
  await panel.visit({ agent: 'agent_test_long' });
  await panel.callUntilHeard();
  await stack.emulator.drop(panel.callId, true);
  await panel.expectState('reconnecting');
  await expect(panel.status).toContainText('Reconnecting');

  await stack.emulator.drop(panel.callId, false);
  await panel.expectState('live');
  const since = await panel.measure();
  await panel.speakAndBeSent('hello');
  await stack.emulator.say(panel.callId, 'agent', 'There you are again. I was saying that we are open on Friday.');
  await panel.expectAgentHeard(since);
});

test('a network that stays away ends the call with a reason', async ({ page, panel, stack }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('short test call');
  await stack.emulator.drop(panel.callId, true);
  await panel.expectState('reconnecting');
  await panel.stopClock();
  await expectAccessible(page);
  await panel.expectState('reconnecting');
  await panel.letPass(15);
  await panel.expectEnded('connection-lost');
  await expect(panel.alert).toBeVisible();
  await expect(panel.button('Call again')).toBeVisible();
});

test('another kind of network is answered at once, another speed is not', async ({ page, context, panel }) => {
  // Only Android's Chromium tells the kind of the network.
  await context.addInitScript(() => {
    const connection = Object.assign(new EventTarget(), { type: 'wifi' });
    Object.defineProperty(Navigator.prototype, 'connection', { get: () => connection });
  });
  let restarts = 0;
  page.on('request', (request) => {
    if (request.method() === 'PATCH' && request.headers()['content-type'] === 'application/sdp') restarts++;
  });
  /** The state right after: it is shown before the event is over. */
  const change = (type: string) =>
    callFrame(page).evaluate((type) => {
      const { connection } = navigator as unknown as { connection: EventTarget & { type: string } };
      connection.type = type;
      connection.dispatchEvent(new Event('change'));
      return document.querySelector('[data-state]')?.getAttribute('data-state');
    }, type);

  await panel.visit();
  await panel.callUntilHeard();
  expect(await change('wifi')).toBe('live');
  expect(await change('cellular')).toBe('reconnecting');
  await panel.expectState('live');
  expect(restarts).toBe(1);
});

test('a request that hangs on the network before is let go, and the next one brings the voices back', async ({ page, panel, stack }) => {
  let asked = 0;
  await page.route('**/webrtc-proxy/**', (route) => {
    const isRestart = route.request().method() === 'PATCH' && route.request().headers()['content-type'] === 'application/sdp';
    // As on a socket that nobody is at the other end of any more: no answer, and no error.
    if (!isRestart || asked++ > 0) return route.continue();
  });
  await panel.visit({ agent: 'agent_test_long' });
  await panel.callUntilHeard();
  await stack.emulator.drop(panel.callId, true);
  await panel.expectState('reconnecting');
  await expect.poll(() => asked).toBe(1);
  await stack.emulator.drop(panel.callId, false);
  await panel.expectState('live');
  await panel.speakAndBeSent('hello');
});
