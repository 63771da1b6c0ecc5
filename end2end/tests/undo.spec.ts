// What has just been done can be undone where it was done, without haste.

import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('a deed is told without taking the focus, stays while somebody is at it, and is undone at the server', async ({ desk, stack }) => {
  const { page } = desk;
  const email = `max-${Date.now()}@example.com`;
  const answer = await page.request.post(`${stack.url}/api/desk/people`, { data: { name: 'Max', email, role: 'agent' } });
  expect(answer.ok()).toBe(true);
  const roleAtServer = async () => {
    const { items } = (await (await page.request.get(`${stack.url}/api/desk/people`)).json()) as { items: { email: string; role: string }[] };
    return items.find((person) => person.email === email)?.role;
  };
  await page.clock.install();
  await page.goto(`${stack.url}/desk/settings/people`);
  const role = page.getByRole('combobox', { name: 'Role: Max' });
  await role.focus();
  await role.selectOption('Supervisor');
  const toast = page.getByRole('status').filter({ hasText: 'Max: Supervisor now.' });
  const undo = toast.getByRole('button', { name: 'Undo' });
  await expect(undo).toBeVisible();
  await expect(undo).not.toBeFocused();
  expect(await roleAtServer()).toBe('supervisor');

  // Not while it is pointed at, nor while the keyboard is in it.
  await undo.hover();
  await expectAccessible(page);
  await page.clock.fastForward(15_000);
  await expect(undo).toBeVisible();
  await undo.focus();
  await page.mouse.move(0, 0);
  await page.clock.fastForward(15_000);
  await expect(undo).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Undone.')).toBeVisible();
  await expect(role).toHaveValue('agent');
  expect(await roleAtServer()).toBe('agent');
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');

  await page.clock.fastForward(6_000);
  await expect(page.getByText('Undone.')).toBeVisible();
  await page.clock.fastForward(6_000);
  await expect(page.getByText('Undone.')).toBeHidden();
});
