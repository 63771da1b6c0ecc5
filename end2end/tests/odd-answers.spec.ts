// What an answer of Retell's holds that the call does not need does not end the call.

import { callFrame } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

test('ICE servers no browser knows are left out, and a refused candidate is no end', async ({ page, context, panel, stack }) => {
  // Browsers end their candidates with one of no text.
  await context.addInitScript(() => {
    const set = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = async function (this: RTCPeerConnection, ...answer: unknown[]) {
      const end = { candidate: '', sdpMid: '0', sdpMLineIndex: 0 };
      const real = { ...end, candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host' };
      for (const candidate of [end, real]) this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate }));
      // The media comes up once the candidates had their turn.
      await new Promise((done) => setTimeout(done, 600));
      return set.apply(this, answer as Parameters<typeof set>);
    };
  });
  await page.route('**/api/public/web-calls', async (route) => {
    const answer = await route.fetch();
    const ice_servers = [null, 7, { url: 'stun:old' }, { urls: 'nonsense:' }, { urls: ['turn:127.0.0.1:9'] }, { urls: 'stun:127.0.0.1:9' }];
    await route.fulfill({ response: answer, json: { ...(await answer.json()), ice_servers } });
  });
  const told: string[] = [];
  await page.route('**/v1/webrtc/sessions/*', (route) => {
    const { 'content-type': type } = route.request().headers();
    if (route.request().method() !== 'PATCH' || type === 'application/sdp') return route.continue();
    told.push((route.request().postDataJSON() as { candidate: RTCIceCandidateInit }).candidate.candidate ?? '');
    return route.fulfill({ status: 422, json: { message: 'invalid candidate' } });
  });
  await panel.visit();
  await panel.callUntilHeard();
  expect(told.length).toBeGreaterThan(0);
  expect(told).not.toContain('');
  // The servers are for when the direct path is not there.
  const servers = () => callFrame(page).evaluate(() => (window as unknown as { peers: RTCPeerConnection[] }).peers.at(-1)?.getConfiguration().iceServers);
  expect(await servers()).toEqual([]);
  await stack.emulator.drop(panel.callId, true);
  await panel.expectState('reconnecting');
  await expect.poll(servers).toMatchObject([{ urls: ['stun:old'] }, { urls: ['stun:127.0.0.1:9'] }]);
  await stack.emulator.drop(panel.callId, false);
  await panel.expectState('live');
});
