// The network goes away during a call.

import { expect, test } from '../fixtures/test.ts';

test.use({ microphone: [1, 'hello', 1] });

test('a cut is shown, and the voices come back with the network', async ({ page, panel, stack }) => {
  await page.goto(stack.site.url({ key: 'pk_test', agent: 'agent_test_long' }));
  await panel.callUntilHeard();
  await stack.emulator.drop(panel.callId, true);
  await panel.expectState('reconnecting', 20_000);
  await expect(panel.status).toContainText('Reconnecting');

  await stack.emulator.drop(panel.callId, false);
  await panel.expectState('live', 20_000);
  const since = await panel.measure();
  await panel.expectVisitorSent(since);
  await stack.emulator.say(panel.callId, 'agent', 'There you are again. I was saying that we are open on Friday.');
  await panel.expectAgentHeard(since);
});

test('a network that stays away ends the call with a reason', async ({ page, panel, stack }) => {
  await page.goto(stack.site.url({ key: 'pk_test', agent: 'agent_test_short' }));
  await panel.callUntilHeard();
  await stack.emulator.drop(panel.callId, true);
  await panel.expectState('reconnecting', 20_000);
  await panel.expectEnded('connection-lost', 30_000);
  await expect(panel.alert).toBeVisible();
  await expect(panel.button('Call again')).toBeVisible();
});
