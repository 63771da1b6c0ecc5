// An admin makes a public key and a secret one in the desk; a page and a
// program use them.

import { expectAgent } from '../fixtures/agents.ts';
import { expectAccessible } from '../fixtures/axe.ts';
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
  await staff.getByLabel('Name').fill('CRM');
  await staff.getByRole('checkbox', { name: 'contacts:read' }).check();
  await staff.getByRole('checkbox', { name: 'contacts:write' }).check();
  await staff.getByRole('button', { name: 'Create API key' }).click();
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
