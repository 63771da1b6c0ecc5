// No network: before the panel is there, at the click, and in the middle of a call.

import { expect, test } from '../fixtures/test.ts';

test('offline before anything is loaded: the button says so, and works afterwards', async ({ page, context, panel }) => {
  await panel.visit();
  await context.setOffline(true);
  await panel.call();
  const told = page.locator('switchboard-call').getByRole('button', { name: 'You are offline' });
  await expect(told).toBeVisible();
  await expect(told).toBeFocused();
  await expect(page.locator('iframe[src*="/panel"]')).toHaveCount(0);

  await context.setOffline(false);
  await panel.callUntilHeard();
  await expect(told).toBeHidden();
});

test('offline at the click: a sentence, and the next click calls', async ({ context, panel }) => {
  await panel.visit();
  await panel.warm();
  await context.setOffline(true);
  await panel.call();
  await panel.expectEnded('server-unreachable');
  await expect(panel.alert).toContainText('Check your internet connection');
  expect(panel.callId).toBe('');

  await context.setOffline(false);
  await panel.button('Start call').click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
});

test('offline in a call: shown, and everything comes back with the network', async ({ context, panel, stack }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await context.setOffline(true);
  await stack.emulator.drop(panel.callId, true);
  await panel.expectState('reconnecting');
  await expect(panel.inside.getByText('The connection is weak')).toBeVisible();

  await stack.emulator.drop(panel.callId, false);
  await context.setOffline(false);
  await panel.expectState('live');
  const since = await panel.measure();
  await stack.emulator.say(panel.callId, 'agent', 'There you are again, with every word of it.');
  await panel.expectAgentHeard(since);
  await expect(panel.transcript).toContainText('with every word of it');
});
