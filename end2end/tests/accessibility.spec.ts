// axe-core finds nothing, in every state, in light and in dark.

import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

// axe looks at every element of every frame, twice.
test.slow();

const SHORT = { key: 'pk_test', agent: 'agent_test_short' };

test('widget: before the click', async ({ page, panel, stack }) => {
  await page.goto(stack.demoUrl);
  await expect(panel.launcher).toBeVisible();
  await expectAccessible(page);
});

test('widget: live, then ended', async ({ page, panel, stack }) => {
  await page.goto(stack.site.url(SHORT));
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('short test call');
  await expectAccessible(page);
  await panel.button('Hang up').click();
  await panel.expectEnded();
  await expectAccessible(page);
});

test('widget: an error', async ({ page, panel, stack }) => {
  await stack.emulator.fault({
    match: { method: 'POST', path_prefix: '/v3/create-web-call' },
    status: 402,
    body: { status: 'error', message: 'payment required' },
  });
  await page.goto(stack.site.url(SHORT));
  await panel.call();
  await expect(panel.alert).toBeVisible();
  await expectAccessible(page);
});

test('desk: sign in', async ({ page, stack }) => {
  await page.goto(stack.deskUrl);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expectAccessible(page);
});

test('desk: the list and a call', async ({ page, panel, desk, stack }) => {
  await page.goto(stack.site.url(SHORT));
  await panel.callUntilHeard();
  const { callId } = panel;
  await desk.open();
  await expect(desk.link(callId)).toBeVisible();
  await expectAccessible(desk.page);
  await desk.openCall(callId);
  await expect(desk.transcript).toContainText('short test call');
  await expectAccessible(desk.page);

  await panel.button('Hang up').click();
  await panel.expectEnded();
  await expect(desk.player).toHaveCount(1);
  await expectAccessible(desk.page);
});
