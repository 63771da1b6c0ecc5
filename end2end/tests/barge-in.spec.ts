// The visitor interrupts; the agent stops and listens.

import { expect, test } from '../fixtures/test.ts';

test('an agent that is interrupted stops speaking', async ({ panel }) => {
  await panel.visit({ agent: 'agent_test_long' });
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('I am going to tell you');
  // Watched from within, because the moment is short: the visitor talks, and
  // the agent, in the middle of its line, does not any more.
  const agentGivesWay = panel.root.evaluate(
    (root) =>
      new Promise<void>((resolve) => {
        const watch = new MutationObserver(() => {
          if (Number(root.getAttribute('data-audio-out')) <= 3 || root.querySelector('[data-speaks]')) return;
          watch.disconnect();
          resolve();
        });
        watch.observe(root, { attributes: true, subtree: true });
      }),
  );
  // Who is not heard says it again.
  const since = await panel.measure();
  const hush = await panel.goOnSpeaking('excuse-me');
  await agentGivesWay;
  await hush();
  await panel.expectVisitorSent(since);

  await expect(panel.transcript).toContainText('Of course, go ahead.');
  await expect(panel.transcript).toContainText('Excuse me, may I ask something?');
  // The end of the line it was interrupted in was never said, so it is not in the transcript.
  await expect(panel.transcript).not.toContainText('close at four in the afternoon');
  await test.step('nor is it heard: after the answer there is silence', async () => {
    await expect
      .poll(async () => (await panel.clientLeg()).smoothed_out, { message: 'no speech is left in what the gateway sends' })
      .toBeLessThan(-60);
    await expect
      .poll(async () => Number(await panel.root.getAttribute('data-audio-in')), { message: 'the meter is at rest' })
      .toBeLessThanOrEqual(1);
  });
  await panel.expectState('live');
});
