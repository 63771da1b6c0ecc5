// The visitor's network, or an extension of the browser, lets no UDP out: the call goes through a
// TURN server, over TCP, or the visitor is told.

import { expect, test } from '../fixtures/test.ts';
import { Turn, missing } from '../fixtures/turn.ts';

test.use({
  wholeBrowser: true,
  launchOptions: [
    async ({ launchOptions }, use) => {
      // Chromium sends none then, but through a server it reaches over TCP.
      const args = [...(launchOptions.args ?? []), '--webrtc-ip-handling-policy=disable_non_proxied_udp'];
      await use({ ...launchOptions, args });
    },
    { scope: 'worker' },
  ],
});

test('where no UDP gets out, the call goes through TURN over TCP', async ({ page, panel }) => {
  test.skip(missing !== '', missing);
  const turn = await Turn.start();
  await page.route('**/api/public/web-calls', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), ice_servers: [turn.server] } });
  });
  const offers: string[] = [];
  page.on('request', (it) => {
    if (it.headers()['content-type'] === 'application/sdp') offers.push(it.method());
  });
  await panel.visit();
  await panel.callUntilHeard();
  await panel.speakAndBeSent('hello');
  // The first offer knew no way; the one after it was made with the call's servers.
  expect(offers).toEqual(['PATCH']);
  await turn.stop();
});

test('where there is no way at all, the visitor reads what could be in the way, and the call ends', async ({ panel }) => {
  await panel.visit();
  await panel.call();
  await panel.expectEnded('media-blocked');
  await expect(panel.inside.getByText(/VPN/)).toBeVisible();
  await expect.poll(async () => (await panel.state()).call_status).toBe('error');
});
