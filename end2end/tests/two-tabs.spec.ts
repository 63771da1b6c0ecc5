// Two tabs, two calls, no confusion.

import { Panel } from '../fixtures/panel.ts';
import { expect, test } from '../fixtures/test.ts';

test('each tab has a call of its own', async ({ page, context, panel, stack }) => {
  const url = stack.site.url({ key: 'pk_test', agent: 'agent_test_short' });
  const secondPage = await context.newPage();
  const second = new Panel(secondPage, stack.emulator);
  await page.goto(url);
  await secondPage.goto(url);
  await panel.callUntilHeard();
  await secondPage.bringToFront();
  await second.callUntilHeard();
  expect(second.callId).not.toBe(panel.callId);

  await second.button('Hang up').click();
  await second.expectEnded();
  await page.bringToFront();
  await panel.expectState('live');
  await stack.emulator.say(panel.callId, 'agent', 'And you are still with me, are you not?');
  await panel.expectAgentHeard(await panel.measure());
  await expect(panel.transcript).toContainText('still with me');
  await expect(second.transcript).not.toContainText('still with me');
});
