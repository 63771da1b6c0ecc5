// Two admins change the same: neither replaces silently what the other one has saved, and what was typed is kept until
// its writer says which is to hold.

import { expect, test } from '../fixtures/test.ts';

test('what somebody else saved meanwhile is shown, and what was typed here is kept', async ({ desk, business }) => {
  const { page } = desk;
  await desk.open();
  await page.getByRole('link', { name: 'Business', exact: true }).click();
  const name = page.getByLabel('Name', { exact: true });
  const save = page.getByRole('button', { name: 'Save' }).first();
  const asked = page.getByRole('alert').filter({ hasText: 'Somebody else changed this meanwhile.' });
  const theirs = async (said: string) => {
    const now = (await business.ask('GET', '/api/desk/business')) as object;
    await business.ask('PUT', '/api/desk/business', { ...now, name: said });
  };

  await expect(name).toHaveValue('Sunrise Dental');
  await theirs('Sunset Dental');
  await name.fill('Sunrise Dental Care');
  await save.click();
  await expect(asked).toBeVisible();
  await expect(name).toHaveValue('Sunset Dental');
  await asked.getByRole('button', { name: 'Take theirs' }).click();
  await expect(asked).toBeHidden();
  expect(await business.ask('GET', '/api/desk/business')).toMatchObject({ name: 'Sunset Dental' });

  // What was seen since then can be changed; what somebody else changes again, not without asking.
  await name.fill('Moonlight Dental');
  await save.click();
  await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
  await theirs('Starlight Dental');
  await name.fill('Daylight Dental');
  await save.click();
  await expect(name).toHaveValue('Starlight Dental');
  await asked.getByRole('button', { name: 'Keep mine' }).click();
  await expect(name).toHaveValue('Daylight Dental');
  await expect(asked).toBeHidden();
  expect(await business.ask('GET', '/api/desk/business')).toMatchObject({ name: 'Daylight Dental' });
});

test('so it is with one of a list', async ({ desk, business }) => {
  const { page } = desk;
  const added = (await business.ask('POST', '/api/desk/calendar/services', { name: 'Cleaning', minutes: 30 })) as {
    id: string;
  };
  await page.goto(`${business.stack.deskUrl}/settings/services`);
  await page.getByRole('button', { name: 'Change: Cleaning' }).click();
  const form = page.getByRole('form', { name: 'Change the service' });
  await form.getByLabel('Name', { exact: true }).fill('Deep cleaning');
  await business.ask('PUT', `/api/desk/calendar/services/${added.id}`, { name: 'Quick cleaning', minutes: 20 });
  await form.getByRole('button', { name: 'Save' }).click();
  const asked = page.getByRole('alert').filter({ hasText: 'Somebody else changed this meanwhile.' });
  await expect(asked).toBeVisible();
  await expect(form.getByLabel('Name', { exact: true })).toHaveValue('Quick cleaning');
  await asked.getByRole('button', { name: 'Keep mine' }).click();
  await expect(asked).toBeHidden();
  const kept = (await business.ask('GET', '/api/desk/calendar/services')) as { items: object[] };
  expect(kept.items).toMatchObject([{ id: added.id, name: 'Deep cleaning', minutes: 30 }]);
});
