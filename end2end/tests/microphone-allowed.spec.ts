// Where the microphone was allowed before, it is opened beside everything else.

import type { Page } from '@playwright/test';

import { callFrame, type Panel } from 'switchboard-playwright';
import { hold } from '../fixtures/hold.ts';
import { sendOwnOffers } from '../fixtures/own-offer.ts';
import { expect, test } from '../fixtures/test.ts';

/** The panel is there, and has looked whether there is a microphone it may open. */
async function ready(page: Page, panel: Panel): Promise<void> {
  await panel.warm();
  // Whoever asks after it is answered after it.
  await callFrame(page).evaluate(async () => {
    await navigator.permissions.query({ name: 'microphone' as PermissionName });
    await navigator.mediaDevices.enumerateDevices();
  });
}

test.beforeEach(async ({ context }) => context.grantPermissions(['microphone']));

test('the call is made while the microphone is being opened', async ({ page, context, panel }) => {
  await context.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const plugged = new Promise((done) => addEventListener('plugged', done, { once: true }));
    navigator.mediaDevices.getUserMedia = (what) => plugged.then(() => open(what));
  });
  await panel.visit();
  await ready(page, panel);
  await panel.call();
  await expect.poll(() => panel.callId).not.toBe('');
  await panel.expectState('asking-microphone');
  for (const frame of page.frames()) await frame.evaluate(() => dispatchEvent(new Event('plugged')));
  await panel.expectState('live');
  await panel.expectAgentHeard();
});

test('an offer the panel sends itself names the candidates found while the call was being made', async ({ page, panel }) => {
  const make = await hold(page, '**/api/public/web-calls');
  await sendOwnOffers(page);
  await panel.visit();
  await ready(page, panel);
  const offered = page.waitForRequest((it) => it.method() === 'POST' && it.url().endsWith('/v1/webrtc/sessions'));
  await panel.call();
  await expect
    .poll(() => callFrame(page).evaluate(() => (window as unknown as { peers: RTCPeerConnection[] }).peers.at(-1)?.iceGatheringState))
    .toBe('complete');
  make();
  expect((await offered).postDataJSON().sdp).toContain('a=candidate:');
  await panel.expectState('live');
  await panel.expectAgentHeard();
});

test('one that is busy after all costs one call, which is ended', async ({ page, context, panel, stack }) => {
  await context.addInitScript(() => {
    let asked = 0;
    const taken = new Promise((done) => addEventListener('taken', done, { once: true }));
    navigator.mediaDevices.getUserMedia = async () => {
      document.documentElement.dataset.asked = String(++asked);
      await taken;
      throw new DOMException('Could not start audio source', 'NotReadableError');
    };
  });
  // The microphone is refused while the call is being made.
  const make = await hold(page, '**/api/public/web-calls');
  await panel.visit();
  await ready(page, panel);
  const minted = async () => (await stack.emulator.requests()).filter((it) => it.path.includes('create-web-call')).length;
  const before = await minted();
  const ending = page.waitForRequest((it) => it.method() === 'DELETE');
  const minting = page.waitForRequest('**/api/public/web-calls');
  await panel.call();
  await minting;
  for (const frame of page.frames()) await frame.evaluate(() => dispatchEvent(new Event('taken')));
  await panel.expectEnded('microphone-busy');
  await expect(panel.alert).toContainText('The microphone is in use');
  make();
  expect((await (await ending).response())?.status()).toBe(204);
  await expect.poll(minted).toBe(before + 1);

  await panel.button('Start call').click();
  await expect(panel.inside.locator('html')).toHaveAttribute('data-asked', '2');
  await panel.expectEnded('microphone-busy');
  expect(await minted()).toBe(before + 1);
});

test('one that never answers ends the call that was made beside it', async ({ page, context, panel }) => {
  await context.addInitScript(() => {
    if (navigator.mediaDevices !== undefined) navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
  });
  await panel.visit();
  await ready(page, panel);
  await panel.call();
  await expect.poll(() => panel.callId).not.toBe('');
  await expect.poll(async () => (await panel.state()).room.legs.some((it) => it.role === 'client')).toBe(true);
  await panel.expectState('asking-microphone');
  await panel.letPass(12);
  await panel.expectEnded('microphone-unanswering');
  await expect(panel.alert).toContainText('Your microphone does not answer');
  await expect.poll(async () => (await panel.state()).call_status).toBe('ended');
});
