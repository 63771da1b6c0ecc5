// A person asks for a copy of their data, and then to be forgotten.

import { readFile } from 'node:fs/promises';

import { expect, test } from '../fixtures/test.ts';

const CALLER = '+4930901820';

test('a person is exported and erased, and the call is gone', async ({ desk, business, stack }) => {
  const number = await business.addNumber('agent_test_short');
  const callId = (await stack.emulator.ring(CALLER, number))?.call_id ?? '';
  expect(callId).not.toBe('');
  await desk.open();
  await expect(desk.link(callId)).toBeVisible();
  await stack.emulator.end(callId, 'user_hangup');
  await desk.openCall(callId);
  await expect(desk.heading('Recording')).toBeVisible();

  const settings = desk.page;
  await settings.goto(`${stack.deskUrl}/settings/privacy`);
  const field = settings.getByLabel('Telephone number or e-mail address');
  await field.fill('nobody');
  await settings.getByRole('button', { name: 'Find' }).click();
  await expect(settings.getByRole('alert').filter({ hasText: 'Please enter a number' })).toBeVisible();

  // From a contact one comes here with the number.
  const contact = (await business.ask('POST', '/api/desk/contacts', { name: 'Zoe', phone: CALLER })) as { id: string };
  await settings.goto(`${stack.deskUrl}/contacts/${contact.id}`);
  await settings.getByRole('link', { name: 'Erase their data' }).click();
  await expect(field).toHaveValue(CALLER);
  await expect(settings).toHaveURL(/\/settings\/privacy$/);
  await settings.getByRole('button', { name: 'Find' }).click();
  const download = settings.waitForEvent('download');
  await settings.getByRole('link', { name: 'Export everything' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('person.json');
  const copy = JSON.parse(await readFile(await file.path(), 'utf8'));
  expect(copy.calls.map((call: { id: string }) => call.id)).toContain(callId);

  const confirm = settings.getByLabel('Type the number or address');
  await confirm.fill('somebody else');
  await settings.getByRole('button', { name: 'Erase for good' }).click();
  await expect(settings.getByText('That is not the number or address')).toBeVisible();
  await confirm.fill(CALLER);
  await settings.getByRole('button', { name: 'Erase for good' }).click();
  await expect(settings.getByText('Erased:')).toBeVisible();

  await desk.open();
  await expect(desk.link(callId)).toHaveCount(0);
  const call = await settings.request.get(`${stack.url}/api/desk/calls/${callId}`);
  expect(call.status()).toBe(404);
});
