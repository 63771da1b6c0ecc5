// Mute means that not a sound leaves the browser.

import { expect, test } from '../fixtures/test.ts';

test('mute silences the visitor, and unmute gives the voice back', async ({ panel }) => {
  await panel.visit();
  await panel.call();
  await panel.expectState('live');
  const hush = await panel.goOnSpeaking('hello');
  await panel.expectVisitorSent();

  await panel.button('Mute').click();
  const unmute = panel.button('Unmute');
  await expect(unmute).toHaveAttribute('data-muted', 'true');
  await test.step('the gateway hears nothing any more', async () => {
    await expect
      .poll(async () => (await panel.clientLeg()).level_in, { message: 'the level falls to silence' })
      .toBeLessThan(-90);
    await expect
      .poll(async () => Number(await panel.root.getAttribute('data-audio-out')), { message: 'the meter is at rest' })
      .toBeLessThanOrEqual(1);
  });

  await unmute.click();
  await expect(panel.button('Mute')).toHaveAttribute('data-muted', 'false');
  await panel.expectVisitorSent(await panel.measure());
  await hush();
});
