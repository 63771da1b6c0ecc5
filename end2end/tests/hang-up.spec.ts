// Either side ends the call, and both sides know; and another one begins.

import { callFrame } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

test('the agent hangs up', async ({ panel }) => {
  await panel.visit({ agent: 'agent_test_hangup' });
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('this call will be short');
  await panel.speakAndBeSent('goodbye');
  await panel.expectEnded('remote-ended');
  await expect(panel.transcript).toContainText('Thank you, goodbye.');
  await expect.poll(async () => (await panel.state()).disconnection_reason).toBe('agent_hangup');
});

test('a page that is closed ends its call at once', async ({ page, panel, stack }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const { callId } = panel;
  await page.close({ runBeforeUnload: false });
  // Without a word from the page the gateway would need more than twenty seconds.
  await expect
    .poll(async () => (await stack.emulator.call(callId)).call_status, { timeout: 8_000 })
    .toBe('ended');
  // Our server, which is told as well, leaves it to the visitor to have hung up.
  expect((await stack.emulator.call(callId)).disconnection_reason).toBe('user_hangup');
});

test('a page that goes away and does not get through to the gateway ends its call through our server', async ({ page, panel }) => {
  // Nor does its connection say goodbye.
  await page.addInitScript(() => {
    RTCPeerConnection.prototype.close = () => {};
  });
  await page.route('**/webrtc-proxy/**', (route) => (route.request().method() === 'DELETE' ? route.abort() : route.continue()));
  await panel.visit();
  await panel.callUntilHeard();
  await callFrame(page).evaluate(() => void dispatchEvent(new PageTransitionEvent('pagehide')));
  await expect.poll(async () => (await panel.state()).disconnection_reason, { timeout: 8_000 }).toBe('manual_stopped');
});

test('the visitor hangs up, and call again starts a second call in the same panel', async ({ panel, stack }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const first = panel.callId;
  await panel.button('Hang up').click();
  await panel.expectEnded('hung-up');
  await expect(panel.status).toContainText('Call ended');
  await expect
    .poll(async () => (await panel.state()).disconnection_reason, { message: 'Retell knows who hung up' })
    .toBe('user_hangup');
  await panel.button('Call again').click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
  expect(panel.callId).not.toBe(first);

  // How the first call ended is not taken for the second one's end.
  await expect.poll(async () => (await stack.emulator.call(first)).call_status).toBe('ended');
  await stack.emulator.say(panel.callId, 'agent', 'This is quite another call.');
  await expect(panel.transcript).toContainText('This is quite another call.');
  await panel.expectState('live');
});
