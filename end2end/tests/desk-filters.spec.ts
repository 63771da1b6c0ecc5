// The call list shows what is asked for, and goes on doing so by itself.

import { expect, test } from '../fixtures/test.ts';

test('filters are in the address, go back, and hold for calls that change', async ({ panel, desk }) => {
  await desk.open();
  await panel.visit();
  await panel.callUntilHeard();
  const { callId } = panel;
  const { page: list } = desk;
  await expect(desk.link(callId)).toBeVisible();

  await list.getByLabel('Status', { exact: true }).selectOption({ label: 'Ended' });
  await expect(list).toHaveURL(/\?status=ended$/);
  await expect(desk.link(callId)).toHaveCount(0);
  await list.getByLabel('Status', { exact: true }).selectOption({ label: 'Live' });
  await expect(desk.link(callId)).toBeVisible();
  await list.getByLabel('Kind', { exact: true }).selectOption({ label: 'Web call' });
  await expect(list.getByRole('status').filter({ hasText: '2 filters' })).toBeVisible();

  // Shared, and taken back.
  await list.reload();
  await expect(desk.link(callId)).toBeVisible();
  await expect(list.getByLabel('Kind', { exact: true })).toHaveValue('web_call');
  await list.goBack();
  await expect(list).toHaveURL(/\?status=live$/);
  await expect(list.getByLabel('Kind', { exact: true })).toHaveValue('');
  await expect(desk.link(callId)).toBeVisible();

  // A call and back keeps them.
  await desk.openCall(callId);
  await list.getByRole('link', { name: 'All calls' }).click();
  await expect(list).toHaveURL(/\?status=live$/);
  await expect(desk.link(callId)).toBeVisible();

  // The call leaves the live ones by itself, and is among those that are over.
  await panel.button('Hang up').click();
  await expect(desk.link(callId)).toHaveCount(0);
  await list.getByRole('button', { name: 'Remove filter: Status: Live' }).click();
  await expect(list).toHaveURL(/\/desk\/calls$/);
  await expect(desk.link(callId)).toBeVisible();
});

test('on a narrow screen filters fold away, and nothing found can be undone', async ({ desk }) => {
  const { page } = desk;
  await page.setViewportSize({ width: 375, height: 740 });
  await desk.open();
  const toggle = page.getByRole('button', { name: 'Filters', exact: true });
  await expect(toggle).toHaveAttribute('aria-expanded', 'false');
  await toggle.press('Enter');
  const number = page.getByLabel('Number', { exact: true });
  await number.fill('12');
  await number.press('Enter');
  await expect(number).toHaveAttribute('aria-invalid', 'true');
  await number.fill('+49 30 000 0000');
  await number.press('Enter');
  await expect(number).not.toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('No calls match these filters')).toBeVisible();
  // What was typed and not taken goes with what history takes back.
  await number.fill('12');
  await number.press('Enter');
  await expect(number).toHaveAttribute('aria-invalid', 'true');
  await page.goBack();
  await expect(number).toHaveValue('');
  await expect(number).not.toHaveAttribute('aria-invalid', 'true');
  await page.goForward();
  await expect(page.getByText('No calls match these filters')).toBeVisible();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(375);
  await page.getByRole('button', { name: 'Clear all' }).first().click();
  await expect(page.getByText('No calls match these filters')).toHaveCount(0);
  await expect(number).toHaveValue('');
});
