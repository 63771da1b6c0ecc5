// The visitor interrupts; the agent stops and listens.

import { expect, test } from '../fixtures/test.ts';

test.use({ microphone: [5, 'excuse-me', 20] });

test('an agent that is interrupted stops speaking', async ({ page, panel, stack }) => {
  await page.goto(stack.site.url({ key: 'pk_test', agent: 'agent_test_long' }));
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('I am going to tell you');
  await panel.expectVisitorSent();

  await expect(panel.transcript).toContainText('Of course, go ahead.', { timeout: 20_000 });
  await expect(panel.transcript).toContainText('Excuse me, may I ask something?');
  // The end of the line it was interrupted in was never said, so it is not in the transcript.
  await expect(panel.transcript).not.toContainText('close at four in the afternoon');
  await panel.expectState('live');
});
