// An admin makes a public key and a secret one in the desk; a page and a
// program use them.

import { expectAgent } from '../fixtures/agents.ts';
import { expectAccessible } from '../fixtures/axe.ts';
import { hold } from '../fixtures/hold.ts';
import { expect, test } from '../fixtures/test.ts';

test('a public key made in the desk starts a real call on a page', async ({ panel, desk, business, stack }) => {
  await expectAgent(business, 'agent_test_short');
  await desk.open();
  const staff = desk.page;
  await staff.goto(`${stack.url}/desk/settings/public-keys`);
  await staff.getByRole('button', { name: 'Create public key' }).click();
  await staff.getByLabel('Name', { exact: true }).fill('Reading room');
  await desk.addAgent('Test – short');
  await staff.getByLabel('Websites').fill(`http://localhost:${stack.site.port}`);
  await staff.getByLabel('Calls at a time').fill('2');
  await staff.getByRole('button', { name: 'Save' }).click();
  const row = staff.getByRole('row', { name: /Reading room/ });
  await expect(row).toBeVisible();
  const key = await row.locator('.sb-id').innerText();
  expect(key).toMatch(/^pk_[0-9a-f]{32}$/);
  await row.getByText('Code for your page').click();
  await expect(row.locator('pre')).toContainText(key);
  await expectAccessible(staff);

  await panel.visit({ key });
  await panel.callUntilHeard();
  await panel.hangUp();

  // Switched off, it starts no more.
  await row.getByRole('button', { name: /Edit/ }).click();
  await staff.getByLabel('Switched off').check();
  await staff.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('Switched off');
  const refused = await staff.request.get(`${stack.url}/panel?key=${key}`);
  expect(refused.status()).toBe(403);
});

test('a secret key made in the desk drives the API until it is revoked', async ({ desk, stack }) => {
  await desk.open();
  const staff = desk.page;
  await staff.goto(`${stack.url}/desk/settings/api-keys`);
  const make = staff.getByRole('button', { name: 'Create API key' });
  const scope = staff.getByRole('checkbox').first();
  await make.click();
  await expect(staff.getByLabel('Name')).toBeFocused();
  await expect(staff.getByLabel('Name')).toHaveAccessibleDescription('Please fill this in.');
  await staff.getByLabel('Name').fill('CRM');
  await make.click();
  await expect(scope).toBeFocused();
  await expect(scope).toHaveAccessibleDescription('Please choose at least one permission.');
  await expect(staff.getByLabel('Name')).not.toHaveAttribute('aria-invalid');
  await staff.getByRole('checkbox', { name: 'contacts:read' }).check();
  await staff.getByRole('checkbox', { name: 'contacts:write' }).check();
  await make.click();
  const secret = await staff.getByLabel('The new API key').last().inputValue();
  expect(secret).toMatch(/^sk_/);
  await staff.getByRole('button', { name: 'I have copied it' }).click();
  const row = staff.getByRole('row', { name: /CRM/ });
  await expect(row).toContainText(secret.slice(-4));
  await expectAccessible(staff);

  const headers = { authorization: `Bearer ${secret}` };
  const phone = `+3491123${Date.now().toString().slice(-4)}`;
  const added = await staff.request.post(`${stack.url}/api/v1/contacts`, {
    headers,
    data: { name: 'Ana', phone },
  });
  expect(added.status()).toBe(201);
  const found = await staff.request.get(`${stack.url}/api/v1/contacts`, { headers, params: { phone } });
  expect((await found.json()).items).toHaveLength(1);
  const denied = await staff.request.get(`${stack.url}/api/v1/calls`, { headers });
  expect(denied.status()).toBe(403);

  await row.getByRole('button', { name: /Revoke/ }).click();
  await staff.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toContainText('Revoked');
  const after = await staff.request.get(`${stack.url}/api/v1/contacts`, { headers });
  expect(after.status()).toBe(401);
});

test('what a button in a row asked for shows there: that it is under way, and what failed', async ({ desk, business, stack }) => {
  const { page } = desk;
  await business.makeKey({ name: 'Back door' });
  await page.goto(`${stack.url}/desk/settings/public-keys`);
  const row = page.getByRole('row', { name: /Back door/ });
  const replace = page.getByRole('button', { name: 'Replace Back door' });
  const ask = async () => {
    await replace.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replace' }).click();
  };
  await page.route('**/rotate', (route) => route.fulfill({ status: 503, body: '{}' }));
  await ask();
  await expect(row.getByRole('alert')).toContainText('Something went wrong on our side.');
  await expect(page.getByText('Something went wrong on our side.')).toHaveCount(1);
  await expectAccessible(page);
  await page.unroute('**/rotate');

  const letGo = await hold(page, '**/rotate');
  await ask();
  await expect(replace).toHaveAttribute('aria-busy', 'true');
  await expect(replace).toBeDisabled();
  // Who pressed it is where they were.
  await expect(replace).toBeFocused();
  await expect(page.getByRole('button', { name: 'Replace Made for a test' })).not.toHaveAttribute('aria-busy');
  await expect(page.getByText('Something went wrong on our side.')).toHaveCount(0);
  letGo();
  await expect(row.filter({ hasText: 'Active until' })).toBeVisible();
  await expect(replace).not.toHaveAttribute('aria-busy');
});
