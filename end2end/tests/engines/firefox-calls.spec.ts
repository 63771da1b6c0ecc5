// Whole calls in Firefox as people have it: nothing is set for the sake of a call
// to this machine.

import { loudness, type Panel } from 'switchboard-playwright';
import { expect, firefox as test } from '../../fixtures/engine/test.ts';

/** The gateway hears the visitor, and the panel shows it. Firefox does not say how loud
 * what it sends is. */
async function expectVisitorHeard(panel: Panel): Promise<void> {
  const heard = async () => (await panel.clientLeg()).level_in > -50;
  const shown = async () => Number(await panel.root.getAttribute('data-audio-out')) > 3;
  await Promise.all([
    expect.poll(heard, { message: 'the gateway hears the visitor', intervals: [50] }).toBe(true),
    expect.poll(shown, { message: 'the panel’s meter shows the visitor', intervals: [50] }).toBe(true),
  ]);
}

test('click, speak, hear, read, mute, lose the network, hang up, and hear it again at the desk', async ({ panel, person, desk, stack }) => {
  await panel.visit({ agent: 'agent_test_long' });
  await panel.callUntilHeard();

  const hush = await panel.goOnSpeaking('hello');
  await expectVisitorHeard(panel);

  await test.step('a muted visitor is not heard', async () => {
    await panel.button('Mute').click();
    await expect.poll(async () => (await panel.clientLeg()).level_in).toBeLessThan(-90);
    await panel.button('Unmute').click();
    await expectVisitorHeard(panel);
  });

  await test.step('the voices come back with the network', async () => {
    await stack.emulator.drop(panel.callId, true);
    await panel.expectState('reconnecting');
    await stack.emulator.drop(panel.callId, false);
    await panel.expectState('live');
    await expectVisitorHeard(panel);
    await hush();
    const since = await panel.measure();
    await stack.emulator.say(panel.callId, 'agent', 'There you are again. I was saying that we are open on Friday.');
    await panel.expectAgentHeard(since);
  });

  await test.step('both parties are in the transcript', async () => {
    await expect(panel.transcript).toContainText('There you are again.');
    await expect(panel.transcript.locator('.sb-row-user').first()).toContainText(/\S/);
  });

  await person.expectTidyAtEveryWidth('panel');
  const { callId } = panel;
  await panel.hangUp();
  await person.expectTidyAtEveryWidth('panel');
  await expect.poll(async () => (await panel.state()).disconnection_reason).toBe('user_hangup');
  await desk.open();
  await desk.openCall(callId);
  await expect(desk.player).toHaveCount(1);
  const response = await desk.page.request.get(`${stack.url}/api/desk/calls/${callId}/recording?channels=multi`);
  const channels = loudness(await response.body());
  expect(channels).toHaveLength(2);
  for (const channel of channels) expect(channel).toBeGreaterThan(0.005);
});

test('the agent hangs up, and the visitor calls again', async ({ panel }) => {
  await panel.visit({ agent: 'agent_test_hangup' });
  await panel.callUntilHeard();
  const first = panel.callId;
  await panel.speak('goodbye');
  await panel.expectEnded('remote-ended');
  await expect(panel.transcript).toContainText('Thank you, goodbye.');
  await panel.button('Call again').click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
  expect(panel.callId).not.toBe(first);
  await panel.hangUp();
});
