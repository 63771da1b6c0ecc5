// How the offer gets to the gateway; and the gateway does not play along.

import { offersOf, sendOwnOffers } from '../fixtures/own-offer.ts';
import { expect, test } from '../fixtures/test.ts';

const SESSIONS = '/webrtc-proxy/';

test('the offer travels with the request for the call, and its answer with the call', async ({ page, panel }) => {
  const offers = offersOf(page);
  await panel.visit();
  await panel.callUntilHeard();
  expect(offers).toEqual([]);
});

test('an offer our server could not hand on is sent by the panel', async ({ page, panel }) => {
  const offers = offersOf(page);
  await sendOwnOffers(page);
  await panel.visit();
  await panel.callUntilHeard();
  expect(offers).toHaveLength(1);
});

test('an offer the gateway does not take from our server is taken from the panel', async ({ page, panel, stack }) => {
  await stack.emulator.fault({ match: { method: 'POST', path_prefix: SESSIONS }, status: 503, body: { message: 'busy' }, times: 1 });
  const offers = offersOf(page);
  await panel.visit();
  await panel.callUntilHeard();
  expect(offers).toHaveLength(1);
});

test('a room that comes late is waited for', async ({ panel, stack }) => {
  await stack.emulator.settings({ room_delay_ms: 2_000 });
  await panel.visit();
  await panel.callUntilHeard();
});

test('a room that never comes ends in a sentence', async ({ page, panel, stack }) => {
  await stack.emulator.fault({ match: { method: 'POST', path_prefix: SESSIONS }, status: 404, body: { message: 'no such room' } });
  await panel.visit();
  const refused = page.waitForResponse((it) => it.url().includes(SESSIONS) && it.status() === 404);
  await panel.call();
  await refused;
  await panel.expectState('connecting');
  await panel.letPass(15);
  await panel.expectEnded('room-missing');
  await expect(panel.alert).toBeVisible();
  await expect(panel.button('Start call')).toBeVisible();
});

test('a refused offer ends in a sentence, at once', async ({ panel, stack }) => {
  await stack.emulator.fault({ match: { method: 'POST', path_prefix: SESSIONS }, status: 400, body: { message: 'invalid sdp' } });
  await panel.visit();
  await panel.call();
  await panel.expectEnded('rejected');
  await expect(panel.alert).toBeVisible();
});

test('a dead token is replaced by a fresh call, once and silently', async ({ page, panel, stack }) => {
  await sendOwnOffers(page);
  await stack.emulator.fault({ match: { method: 'POST', path_prefix: SESSIONS }, status: 401, body: { message: 'expired' }, times: 1 });
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.alert).toHaveCount(0);
});
