// Either side ends the call, and both sides know; and another one begins.

import { callFrame } from 'switchboard-playwright';
import { hold } from '../fixtures/hold.ts';
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

test('what is typed reaches the call that is held, also when the one before was answered later', async ({ page, panel }) => {
  let answerFirst = async () => {};
  const asked: string[] = [];
  const typed: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/messages')) typed.push(request.url());
  });
  await page.route('**/api/public/web-calls', async (route) => {
    const response = await route.fetch();
    asked.push(((await response.json()) as { call_id: string }).call_id);
    if (asked.length > 1) return route.fulfill({ response });
    answerFirst = () => route.fulfill({ response });
  });
  await panel.visit();
  await panel.call();
  await expect.poll(() => asked.length).toBe(1);
  await panel.button('Hang up').click();
  // What is said after a call is dressed also when it never came to one.
  await expect(panel.inside.locator('.sbw-summary')).toHaveCSS('border-top-style', 'solid');
  await panel.button('Call again').click();
  await panel.expectState('live');
  await answerFirst();
  const field = panel.inside.getByRole('textbox', { name: 'Type a message' });
  await field.fill('Which call is this?');
  await field.press('Enter');
  await expect(panel.transcript).toContainText('Which call is this?');
  expect(asked).toHaveLength(2);
  expect(typed).toEqual([expect.stringContaining(`/web-calls/${asked[1]}/`)]);
});

test('the place in line is that of the call that is asked for, also when the one before is refused later', async ({ page, panel }) => {
  const letScriptsGo = await hold(page, '**/assets/extras.*.js');
  let refuseFirst = async () => {};
  let asked = 0;
  const kept: (string | undefined)[] = [];
  await page.route('**/api/public/web-calls', async (route) => {
    const refuse = (place: string) => {
      const waiting = { place, ahead: 0, ready: false, again_ms: 50 };
      const body = JSON.stringify({ type: '/problems/lines-busy', title: 'No line is free', status: 429, waiting });
      return route.fulfill({ status: 429, contentType: 'application/problem+json', body });
    };
    asked += 1;
    if (asked === 1) refuseFirst = () => refuse('first');
    else await refuse('second');
  });
  await page.route('**/api/public/places/**', async (route) => {
    const place = new URL(route.request().url()).pathname.split('/').pop();
    kept.push(place);
    await route.fulfill({ json: { place, ahead: 0, ready: false, again_ms: 50 } });
  });
  await panel.visit();
  await panel.call();
  await expect.poll(() => asked).toBe(1);
  await panel.button('Hang up').click();
  await panel.button('Call again').click();
  await panel.expectEnded('lines-busy');
  // What looks after the place is still on its way.
  const late = page.waitForResponse('**/api/public/web-calls');
  await refuseFirst();
  await (await late).finished();
  letScriptsGo();
  await expect.poll(() => kept.length).toBeGreaterThan(0);
  expect(new Set(kept)).toEqual(new Set(['second']));
});
