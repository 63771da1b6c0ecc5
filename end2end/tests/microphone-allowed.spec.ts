// Where the microphone was allowed before, it is opened beside everything else.

import { expect, test } from '../fixtures/test.ts';

const SHORT = { key: 'pk_test', agent: 'agent_test_short' };

test.beforeEach(async ({ context }) => context.grantPermissions(['microphone']));

test('the call is made while the microphone is being opened', async ({ page, context, panel, stack }) => {
  await context.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const plugged = new Promise((done) => addEventListener('plugged', done, { once: true }));
    navigator.mediaDevices.getUserMedia = (what) => plugged.then(() => open(what));
  });
  await page.goto(stack.site.url(SHORT));
  await panel.launcher.hover();
  await panel.expectState('idle');
  await panel.call();
  await expect.poll(() => panel.callId).not.toBe('');
  await panel.expectState('asking-microphone');
  for (const frame of page.frames()) await frame.evaluate(() => dispatchEvent(new Event('plugged')));
  await panel.expectState('live');
  await panel.expectAgentHeard();
});

test('one that is busy after all costs one call, which is ended', async ({ page, context, panel, stack }) => {
  await context.addInitScript(() => {
    let asked = 0;
    const minted = new Promise((done) => addEventListener('minted', done, { once: true }));
    navigator.mediaDevices.getUserMedia = async () => {
      document.documentElement.dataset.asked = String(++asked);
      await minted;
      throw new DOMException('Could not start audio source', 'NotReadableError');
    };
  });
  await page.goto(stack.site.url(SHORT));
  await panel.launcher.hover();
  await panel.expectState('idle');
  const minted = async () => (await stack.emulator.requests()).filter((it) => it.path.includes('create-web-call')).length;
  const before = await minted();
  await panel.call();
  await expect.poll(() => panel.callId).not.toBe('');
  for (const frame of page.frames()) await frame.evaluate(() => dispatchEvent(new Event('minted')));
  await panel.expectEnded('microphone-busy');
  await expect(panel.alert).toContainText('The microphone is in use');
  await expect.poll(async () => (await panel.state()).call_status).toBe('ended');
  await expect.poll(minted).toBe(before + 1);

  await panel.button('Start call').click();
  await expect(panel.inside.locator('html')).toHaveAttribute('data-asked', '2');
  await panel.expectEnded('microphone-busy');
  expect(await minted()).toBe(before + 1);
});
