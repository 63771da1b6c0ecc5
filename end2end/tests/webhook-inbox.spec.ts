// A parked webhook: why it failed is said in words, and it is replayed.

import { createHmac } from 'node:crypto';
import { API_KEY, Business } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

/** Posts a webhook as Retell does. */
async function post(url: string, event: unknown): Promise<void> {
  const body = JSON.stringify(event);
  const now = Date.now().toString();
  const digest = createHmac('sha256', API_KEY).update(body + now).digest('hex');
  const response = await fetch(url, { method: 'POST', headers: { 'x-retell-signature': `v=${now},d=${digest}` }, body });
  expect(response.status).toBe(204);
}

test('a parked webhook is replayed in the desk', async ({ desk, business, stack }) => {
  const { page } = desk;
  // A call of another business, and an event about it under our own address.
  const other = await Business.create(stack);
  const hook = `${stack.url}/api/webhooks/retell`;
  const call = { call_id: `call_${Date.now()}`, agent_id: 'agent_of_aurora' };
  await post(`${hook}/${other.id}`, { event: 'call_started', call });
  await page.goto(`${stack.url}/desk/settings/webhooks`);
  await expect(page.getByRole('heading', { name: 'Webhook inbox', level: 1 })).toBeVisible();
  await post(`${hook}/${business.id}`, { event: 'call_ended', call });

  const table = page.getByRole('table', { name: 'Webhook inbox' });
  await expect(async () => {
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect(table.getByRole('row').filter({ hasText: call.call_id })).toContainText('Parked', { timeout: 500 });
  }).toPass();
  const row = table.getByRole('row').filter({ hasText: call.call_id });
  await expect(row).toContainText('about another business');

  await row.getByRole('button', { name: 'Details' }).click();
  const attempts = page.getByRole('table', { name: 'Attempts' });
  await expect(attempts.getByRole('row')).toHaveCount(2);
  await expect(page.locator('pre').filter({ hasText: '"call_ended"' })).toBeVisible();
  await page.getByRole('button', { name: 'Replay' }).click();
  await expect(attempts.getByRole('row')).toHaveCount(3);
  await expect(attempts.getByRole('row').last()).toContainText(Business.ADMIN);
  // It is still not ours.
  await expect(attempts.getByRole('row').last()).toContainText('Parked');

  // All of them at once.
  await page.getByRole('button', { name: 'Back to the inbox' }).click();
  await page.getByRole('button', { name: 'Replay all parked' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click();
  await expect(page.getByText('It is being worked on again.')).toBeVisible();
  await expect(async () => {
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect(row.getByRole('cell').nth(5)).toHaveText('3', { timeout: 500 });
  }).toPass();
});

test('an open webhook has an address that survives a reload, and the back button closes it', async ({ desk, business, stack }) => {
  const { page } = desk;
  const call = { call_id: `call_${Date.now()}`, agent_id: 'agent_of_aurora' };
  await post(`${stack.url}/api/webhooks/retell/${business.id}`, { event: 'call_started', call });
  await page.goto(`${stack.url}/desk/settings/webhooks`);
  const row = page.getByRole('table', { name: 'Webhook inbox' }).getByRole('row').filter({ hasText: call.call_id });
  await row.getByRole('button', { name: 'Details' }).click();
  await expect(page).toHaveURL(/\/desk\/settings\/webhooks\/[^/]+$/);
  const body = page.locator('pre').filter({ hasText: call.call_id });
  await expect(body).toBeVisible();
  await page.reload();
  await expect(body).toBeVisible();
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Webhook inbox' })).toHaveAttribute('aria-current', 'page');
  await page.getByRole('button', { name: 'Back to the inbox' }).click();
  await expect(page).toHaveURL(/\/desk\/settings\/webhooks$/);
  await page.goBack();
  await expect(body).toBeVisible();
  await page.goBack();
  await expect(row).toBeVisible();
  await expect(body).toBeHidden();
});
