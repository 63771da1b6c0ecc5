// One visitor, one conversation: a second tab knows of the call in the first.

import { Panel } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('a second tab says so, and leaves the call where it is or takes over', async ({ context, panel, business, stack }) => {
  const secondPage = await context.newPage();
  const second = new Panel(secondPage, business);
  const question = second.inside.getByRole('dialog', { name: 'You are already on a call' });
  await panel.visit();
  await second.visit();
  await panel.callUntilHeard();

  await secondPage.bringToFront();
  await second.warm();
  await second.call();
  await expect(question).toContainText('in another tab');
  await expectAccessible(secondPage);
  await question.getByRole('button', { name: 'Continue there' }).click();
  await expect(question).toBeHidden();
  await second.expectState('idle');
  await panel.expectState('live');
  expect(second.callId).toBe('');

  await second.button('Start call').click();
  await question.getByRole('button', { name: 'End it and call here' }).click();
  await second.expectState('live');
  await second.expectAgentHeard();
  await panel.expectEnded('hung-up');
  expect(second.callId).not.toBe(panel.callId);
  await expect.poll(async () => (await stack.emulator.call(panel.callId)).call_status).toBe('ended');
});

test('a closed tab is on no call any more', async ({ context, panel, business, stack }) => {
  const firstPage = await context.newPage();
  const first = new Panel(firstPage, business);
  await first.visit();
  await first.callUntilHeard();
  await panel.visit();
  await panel.warm();
  await firstPage.close({ runBeforeUnload: true });
  await expect.poll(async () => (await stack.emulator.call(first.callId)).call_status).toBe('ended');
  await panel.callUntilHeard();
});

test('"Continue there" opens the panel that was closed over its call', async ({ page, context, panel, business }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await panel.button('Close').click();
  const frame = page.locator('iframe[src*="/panel"]');
  await expect(frame).toBeHidden();

  const secondPage = await context.newPage();
  const second = new Panel(secondPage, business);
  await second.visit();
  await second.warm();
  await second.call();
  await second.inside.getByRole('button', { name: 'Continue there' }).click();
  await expect(frame).toBeVisible();
  await panel.expectState('live');
});
