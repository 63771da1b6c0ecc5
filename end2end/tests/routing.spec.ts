// An inbound call goes where a rule says that was made in the desk.

import { expect, test } from '../fixtures/test.ts';

// At the desk of the demo, whose agents the server knows by name.
test('an inbound call is routed by a rule made in the desk', async ({ demoDesk: desk, demo, stack }) => {
  const { page } = desk;
  const number = await stack.addNumber(demo.id, {
    nickname: 'Reception',
    inbound_agents: [{ agent_id: 'agent_demo_de', weight: 1 }],
  });
  await page.goto(`${stack.url}/desk/settings/routing`);
  await page.getByRole('button', { name: 'Import from Retell' }).click();
  const numbers = page.getByRole('table', { name: 'Numbers' });
  await expect(numbers.getByRole('row').filter({ hasText: number })).toContainText('Yes');

  // Until there is a rule, the number's own agent answers.
  const before = await stack.emulator.ring('+491701234567', number);
  expect(before?.agent_id).toBe('agent_demo_de');

  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Please give the rule a name.')).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Germans');
  await page.getByLabel('Called number').selectOption(number);
  await page.getByLabel('Countries').fill('Germany');
  await page.getByLabel('Countries').press('Enter');
  await page.getByLabel('Agent', { exact: true }).selectOption('agent_demo_en');
  await page.getByLabel('Variables').fill('customer_name = {{caller.country}}');
  await page.getByRole('button', { name: 'Save' }).click();
  const rules = page.getByRole('list', { name: 'Rules' });
  await expect(rules.getByRole('listitem')).toHaveCount(1);

  // What comes on top of two calls goes elsewhere; there are none now.
  await page.getByRole('button', { name: 'Edit Germans' }).click();
  await page.getByLabel('Calls at the same time').fill('many');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Please write a whole number, 1 or more.')).toBeVisible();
  await page.getByLabel('Calls at the same time').fill('2');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(rules.getByRole('listitem')).toContainText('while 2 calls go on, or more');
  expect((await stack.emulator.ring('+491701234567', number))?.agent_id).toBe('agent_demo_de');
  await page.getByRole('button', { name: 'Edit Germans' }).click();
  await page.getByLabel('Calls at the same time').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(rules.getByRole('listitem')).not.toContainText('or more');

  await page.getByLabel('A call from').fill('+49 170 1234567');
  await page.getByLabel('to', { exact: true }).fill(number);
  await page.getByRole('button', { name: 'Where would it go now?' }).click();
  await expect(page.getByText('By the rule “Germans”.')).toBeVisible();

  const call = await stack.emulator.ring('+491701234567', number);
  expect(call?.agent_id).toBe('agent_demo_en');
  expect(call?.retell_llm_dynamic_variables?.customer_name).toBe('DE');

  // A second rule, moved to the top by keyboard, declines.
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Nobody');
  await page.getByLabel('What happens').selectOption('reject');
  await page.getByRole('button', { name: 'Save' }).click();
  const second = rules.getByRole('listitem').nth(1);
  await expect(second).toContainText('Nobody');
  await second.focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(rules.getByRole('listitem').first()).toContainText('Nobody');
  await expect(rules.getByRole('listitem').first()).toBeFocused();
  expect(await stack.emulator.ring('+491701234567', number)).toBeUndefined();

  // Undone, and moved again.
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Undone.')).toBeVisible();
  expect((await stack.emulator.ring('+491701234567', number))?.agent_id).toBe('agent_demo_en');
  await page.getByRole('button', { name: 'Move Nobody up' }).click();
  await expect(page.getByText('Nobody is at place 1 now.')).toBeVisible();
  expect(await stack.emulator.ring('+491701234567', number)).toBeUndefined();

  // The rule that is edited is in the address.
  await page.getByRole('button', { name: 'Edit Germans' }).click();
  await expect(page).toHaveURL(/\/desk\/settings\/routing\/[^/]+$/);
  await page.reload();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Germans');
  await page.goBack();
  await expect(page.getByLabel('Name', { exact: true })).toBeHidden();

  await page.getByRole('button', { name: 'Remove Nobody' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(rules.getByRole('listitem')).toHaveCount(1);
  await page.getByRole('button', { name: 'Remove Germans' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No rules yet')).toBeVisible();
});
