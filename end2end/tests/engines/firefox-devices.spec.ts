// Microphones that are really plugged in and pulled out, in the middle of a call.

import type { Panel } from 'switchboard-playwright';
import { expect, firefox as test } from '../../fixtures/engine/test.ts';

// What the sound card has: two microphones at first, of which one hears nothing.
test.use({ microphone: 'none', prefs: { 'media.navigator.streams.fake': false } });

async function expectHeard(panel: Panel, heard: boolean): Promise<void> {
  const loud = async () => (await panel.clientLeg()).level_in > -50;
  await expect.poll(loud, { message: `the gateway hears ${heard ? 'the tone' : 'nothing'}`, intervals: [100] }).toBe(heard);
}

test('a headset is offered once it is there, and when it goes the call goes on with the other microphone', async ({ card, panel }) => {
  await panel.visit({ agent: 'agent_test_long' });
  await panel.callUntilHeard();
  await expectHeard(panel, false);
  // What can be offered is loaded after the call.
  await expect(panel.inside.getByRole('textbox', { name: 'Type a message' })).toBeVisible();
  await card.plug('headset');
  await expect(panel.inside.getByRole('status').filter({ hasText: 'is connected. Use it for this call?' })).toBeVisible();
  await panel.button('Use it').click();
  await expectHeard(panel, true);
  await card.unplug();
  await expect(panel.inside.locator('#sbw-notice')).toHaveText('Your microphone changed. Now using another one.');
  await panel.expectState('live');
  await expectHeard(panel, false);
});
