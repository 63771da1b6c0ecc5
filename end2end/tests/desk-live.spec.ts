// Staff read a call along while it happens.

import { expect, test } from '../fixtures/test.ts';

test('a call appears in the list by itself, is read live, and ends', async ({ page, panel, desk, stack }) => {
  await desk.open();
  await page.goto(stack.site.url({ key: 'pk_test', agent: 'agent_test_short' }));
  await panel.callUntilHeard();

  const { callId } = panel;
  await expect(desk.link(callId)).toBeVisible();
  await expect(desk.calls).toContainText('Live');
  await desk.openCall(callId);
  await expect(desk.transcript).toContainText('this is a short test call');
  await expect(desk.transcript).toContainText('Hello, can you hear me?', { timeout: 20_000 });
  await panel.expectVisitorSent();
  // Both read the same.
  await expect(desk.transcript).toContainText('Yes, I can hear you well.', { timeout: 20_000 });
  await expect(panel.transcript).toContainText('Yes, I can hear you well.');

  await panel.button('Hang up').click();
  await panel.expectEnded();
  await expect(desk.heading('Recording')).toBeVisible();
  await expect(desk.player).toHaveCount(1);
  await desk.open();
  await expect(desk.link(callId)).toBeVisible();
});

test('the sign-in link works once', async ({ browser, stack, staff }) => {
  expect(staff.cookies.length).toBeGreaterThan(0);
  const context = await browser.newContext();
  const response = await context.request.get(stack.signInUrl, { maxRedirects: 0 });
  expect(response.status()).not.toBe(303);
  const calls = await context.request.get(`${stack.url}/api/desk/calls`);
  expect(calls.status()).toBe(401);
  await context.close();
});

test('a wrong password says so and nothing more', async ({ page, stack }) => {
  await page.goto(stack.deskUrl);
  await page.getByLabel('E-mail').fill('nobody@example.com');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
});
