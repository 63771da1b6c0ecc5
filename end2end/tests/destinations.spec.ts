// Whom a call can be handed to: entered at the desk, found by an agent, and taken away again.

import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('somebody is entered whom calls are handed to, found by name, changed, removed and put back', async ({ desk, business, stack }) => {
  const { page } = desk;
  const meant = async (to: string) => {
    const run = (await business.ask('POST', '/api/desk/functions/transfer_call/try', { arguments: { destination: to } })) as { answer: Record<string, unknown> };
    return run.answer;
  };
  await page.goto(`${stack.url}/desk/settings/routing`);
  await expect(page.getByText('There is nobody calls can be handed to')).toBeVisible();
  await page.getByRole('button', { name: 'Add a destination' }).press('Enter');
  const form = page.getByRole('form', { name: 'Add a destination' });
  await expect(form.getByRole('heading')).toBeFocused();
  await form.getByLabel('Number or SIP address').fill('030 901820');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('Please give it a name.')).toBeVisible();
  await expect(form.getByText('Please give a number that begins with +')).toBeVisible();
  await expect(form.getByLabel('Name')).toBeFocused();
  await expectAccessible(page);

  // Numbers nobody dials only the server knows.
  await form.getByLabel('Name').fill('Reception');
  const number = form.getByLabel('Number or SIP address');
  await number.fill('+49 900 1234567');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(number).toBeFocused();
  await expect(number).toHaveAccessibleDescription(/This was not accepted.*Emergency, premium and satellite numbers are not dialled/);
  await expect(form.getByRole('alert')).toHaveCount(0);
  await number.fill('+49 30 901820');
  await expect(number).not.toHaveAttribute('aria-invalid');
  await form.getByLabel('As the business is open').uncheck();
  await form.getByLabel('Around the clock').check();
  await form.getByRole('button', { name: 'Save' }).click();
  const list = page.getByRole('table', { name: 'Handing calls over' });
  await expect(list).toContainText('+4930901820');
  await expect(list).toContainText('Own hours');
  expect(await meant('the reception')).toMatchObject({ ok: true, to: '+4930901820' });
  await expectAccessible(page);

  await list.getByRole('button', { name: 'Edit: Reception' }).click();
  const change = page.getByRole('form', { name: 'Edit the destination' });
  await expect(change.getByLabel('Around the clock')).toBeChecked();
  await change.getByLabel('Number or SIP address').fill('sip:front@example.com');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(list).toContainText('sip:front@example.com');

  await list.getByRole('button', { name: 'Remove: Reception' }).click();
  const toast = page.getByRole('status').filter({ hasText: 'Reception was removed.' });
  expect(await meant('the reception')).toMatchObject({ ok: false });
  await toast.getByRole('button', { name: 'Undo' }).click();
  await expect(list).toContainText('sip:front@example.com');
  expect(await meant('the reception')).toMatchObject({ ok: true, to: 'sip:front@example.com' });
});
