// Staff read a call along while it happens.

import { ring } from '../fixtures/notices.ts';
import { expect, test } from '../fixtures/test.ts';
import { translate } from '../fixtures/translator.ts';

test('a call appears in the list by itself, is read live, and ends', async ({ panel, desk }) => {
  await desk.open();
  await panel.visit();
  await panel.callUntilHeard();

  const { callId } = panel;
  await expect(desk.link(callId)).toBeVisible();
  await expect(desk.calls).toContainText('Live');
  // What is being said stands in its row.
  await expect(desk.calls).toContainText('A short test call.');
  await expect(desk.navigation).toContainText('1 Live');
  await desk.openCall(callId);
  await expect(desk.transcript).toContainText('short test call');
  await panel.speakAndBeSent('hello');
  await expect(desk.transcript).toContainText('Hello, can you hear me?');
  // Both read the same.
  await expect(desk.transcript).toContainText('Yes, I can hear you well.');
  await expect(panel.transcript).toContainText('Yes, I can hear you well.');

  await panel.hangUp();
  await expect(desk.heading('Recording')).toBeVisible();
  await expect(desk.player).toHaveCount(1);
  await expect(desk.navigation).not.toContainText('Live');
  await desk.open();
  await expect(desk.link(callId)).toBeVisible();
});

test('calls that change together are all counted, and the page of one hears of its own', async ({ desk, business }) => {
  const number = await business.addNumber('agent_test_silent');
  await desk.open();
  const calls = await Promise.all(Array.from({ length: 12 }, () => ring(business, number)));
  await expect(desk.navigation).toContainText('12 Live');
  await desk.openCall(calls[0]);
  await expect(desk.page.getByText('Live', { exact: true }).first()).toBeVisible();
  await Promise.all(calls.map((call) => business.emulator.end(call, 'user_hangup')));
  await expect(desk.heading('Recording').locator('..').getByRole('slider')).toBeVisible();
  await expect(desk.navigation).not.toContainText('Live');
});

test('a desk that a translator rewrites goes on: calls come, languages change, and a call opens', async ({ desk, business }) => {
  const { page } = desk;
  const errors: Error[] = [];
  page.on('pageerror', (error) => errors.push(error));
  const number = await business.addNumber('agent_demo_de');
  const before = await ring(business, number);
  await desk.open();
  await expect(desk.link(before)).toBeVisible();
  await translate(page);
  const next = await ring(business, number);
  await expect(desk.link(next)).toBeVisible();
  await page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await translate(page);
  await desk.openCall(next);
  await expect(desk.heading('Transkript')).toBeVisible();
  for (const call of [before, next]) await business.emulator.end(call, 'user_hangup');
  await page.goBack();
  await expect(desk.link(next)).toBeVisible();
  expect(errors).toEqual([]);
});

test('the sign-in link works once', async ({ browser, stack, demo, demoStaff }) => {
  expect(demoStaff.cookies.length).toBeGreaterThan(0);
  const context = await browser.newContext();
  const response = await context.request.get(demo.signInUrl, { maxRedirects: 0 });
  expect(response.status()).toBe(410);
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
