// A visitor of the demo page talks to the agent; staff find the call afterwards.

import { loudness, Panel } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

// Here the voice comes out of the browser's own device, which speaks when the
// greeting is over; in all other journeys the test says when.
test.use({ microphone: [8, 'hello', 6], contextOptions: { reducedMotion: 'no-preference' } });

test('click, speak, hear, read, hang up, and find the call in the desk', async ({ page, stack, demo, demoDesk: desk }) => {
  const panel = new Panel(page, demo);
  await page.goto(demo.url);
  await panel.callUntilHeard();
  await panel.expectVisitorSent();

  await test.step('the transcript grows, for both parties', async () => {
    await expect(panel.transcript).toContainText('Thank you for calling Sunrise Dental');
    await expect(panel.transcript).toContainText("I'd like to book a check-up");
  });

  const { callId } = panel;
  await panel.hangUp();
  await expect(panel.button('Call again')).toBeVisible();
  await expect.poll(async () => (await panel.state()).call_status).toBe('ended');

  await test.step('the desk has it, with its recording and its transcript', async () => {
    await desk.open();
    await desk.openCall(callId);
    await expect(desk.heading('Transcript')).toBeVisible();
    await expect(desk.transcript).toContainText("I'd like to book a check-up");
    await expect(desk.heading('Recording')).toBeVisible();
    await expect(desk.heading('Analysis')).toBeVisible();
    const details = desk.page.getByRole('region', { name: 'Details' });
    await expect(details).toContainText(/Cost by product.*Gpt 4 1.*How quick the agent was.*Voice/s);
    await expect(desk.player).toHaveCount(1);
    await desk.player.evaluate((audio: HTMLAudioElement) => audio.play());
    await expect
      .poll(() => desk.player.evaluate((audio: HTMLAudioElement) => audio.currentTime), {
        message: 'the recording plays',
      })
      .toBeGreaterThan(0.5);
    const length = await desk.player.evaluate((audio: HTMLAudioElement) => audio.duration);
    expect(length).toBeGreaterThan(8);
  });

  await test.step('both voices are in the recording', async () => {
    const response = await desk.page.request.get(`${stack.url}/api/desk/calls/${callId}/recording?channels=multi`);
    expect(response.status()).toBe(200);
    const channels = loudness(await response.body());
    expect(channels).toHaveLength(2);
    for (const channel of channels) expect(channel).toBeGreaterThan(0.005);
  });
});
