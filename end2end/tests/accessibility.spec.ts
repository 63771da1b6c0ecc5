// axe-core finds nothing, in every state, in light and in dark.

import { Panel } from 'switchboard-playwright';
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

test('widget: live, then ended', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('short test call');
  await expectAccessible(page);
  await panel.hangUp();
  await expectAccessible(page);
});

test('widget: muted, with the audio menu open', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await panel.button('Mute').click();
  await expect(panel.inside.getByText('You are muted')).toBeVisible();
  await panel.button('Audio').click();
  await expect(panel.inside.getByRole('checkbox', { name: 'Push to talk' })).toBeVisible();
  await expectAccessible(page);
});

test('widget: reconnecting', async ({ page, panel, stack }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('short test call');
  await stack.emulator.drop(panel.callId, true);
  await panel.expectState('reconnecting');
  await panel.stopClock();
  await expectAccessible(page);
  await panel.expectState('reconnecting');
});

test('widget: a call goes on in another tab', async ({ context, panel, business }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const secondPage = await context.newPage();
  const second = new Panel(secondPage, business);
  await second.visit();
  await second.warm();
  await second.call();
  await expect(second.inside.getByRole('dialog', { name: 'You are already on a call' })).toBeVisible();
  await expectAccessible(secondPage);
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

test('widget: an error', async ({ page, panel, stack }) => {
  await stack.emulator.fault({
    match: { method: 'POST', path_prefix: '/v3/create-web-call' },
    status: 402,
    body: { status: 'error', message: 'payment required' },
  });
  await panel.visit();
  await panel.call();
  await expect(panel.alert).toBeVisible();
  await expectAccessible(page);
});

test('desk: sign in', async ({ page, stack }) => {
  await page.goto(stack.deskUrl);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expectAccessible(page);
});

test('desk: the list and a call', async ({ panel, desk }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const { callId } = panel;
  await desk.open();
  await expect(desk.link(callId)).toBeVisible();
  await expectAccessible(desk.page);
  await desk.openCall(callId);
  await expect(desk.transcript).toContainText('short test call');
  await expectAccessible(desk.page);

  await panel.hangUp();
  await expect(desk.player).toHaveCount(1);
  await expectAccessible(desk.page);
});
