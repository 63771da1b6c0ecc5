// axe-core finds nothing, in every state, in light and in dark. The states of a talk are looked
// at where there is one: live and over in visitor.spec.ts, as the audio menu of who is muted;
// reconnecting in network.spec.ts; one in another tab in two-tabs.spec.ts; an error in
// panel-states.spec.ts.

import { expectAccessible } from '../fixtures/axe.ts';
import { hold } from '../fixtures/hold.ts';
import { sendOwnOffers } from '../fixtures/own-offer.ts';
import { expect, test } from '../fixtures/test.ts';

test('widget: before the click', async ({ page, panel, demo }) => {
  await page.goto(demo.url);
  await expect(panel.launcher).toBeVisible();
  await expectAccessible(page);
});

test('widget: what is wrong in the panel is found, frame or not', async ({ page, panel }) => {
  await panel.visit();
  await panel.open();
  await panel.root.evaluate((root) => root.append(new Image()));
  await expect(expectAccessible(page)).rejects.toThrow(/image-alt/);
});

test('widget: asking for the microphone', async ({ page, panel }) => {
  // A visitor who has not answered the browser yet.
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
  });
  await panel.visit();
  await panel.call();
  await panel.expectState('asking-microphone');
  await expectAccessible(page);
  await panel.expectState('asking-microphone');
});

test('widget: connecting', async ({ page, panel }) => {
  // The gateway does not answer until somebody has looked.
  const answer = await hold(page, '**/webrtc-proxy/**');
  await sendOwnOffers(page);
  await panel.visit();
  await panel.call();
  await panel.expectState('connecting');
  await panel.stopClock();
  await expectAccessible(page);
  await panel.expectState('connecting');
  answer();
});

test('widget: offline before anything is loaded', async ({ page, context, panel }) => {
  await panel.visit();
  await context.setOffline(true);
  await panel.call();
  await expect(page.locator('switchboard-call').getByRole('button', { name: 'You are offline' })).toBeFocused();
  await expectAccessible(page);
});

test('widget: what the page has to say next to the button', async ({ page, panel }) => {
  await panel.visitPage(
    `<switchboard-call key="KEY" popup="Any questions? We are here until six." popup-after="0"></switchboard-call>
     <script type="module" src="SERVER/widget.js"></script>`,
  );
  await expect(page.getByRole('button', { name: 'Any questions?' })).toBeVisible();
  await expectAccessible(page);
});

test('desk: sign in', async ({ page, stack }) => {
  await page.goto(stack.deskUrl);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expectAccessible(page);
});

test('desk: the list and a call', async ({ desk, business, stack }) => {
  const call = await stack.emulator.ring('+491701234567', await business.addNumber('agent_test_short'));
  const callId = call?.call_id ?? '';
  await desk.open();
  await expect(desk.link(callId)).toBeVisible();
  await expectAccessible(desk.page);
  await desk.openCall(callId);
  await expect(desk.transcript).toContainText('short test call');
  await expectAccessible(desk.page);

  await stack.emulator.end(callId, 'user_hangup');
  await expect(desk.player).toHaveCount(1);
  await expectAccessible(desk.page);
});
