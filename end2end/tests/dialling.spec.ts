// Having an agent call a number, from wherever the number stands.

import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

const ANA = '+34612345678';

test('a contact is called by an agent, and again once nobody answered', async ({ desk, business, stack }) => {
  const { page } = desk;
  await business.addNumber('agent_test_short');
  const ana = (await business.ask('POST', '/api/desk/contacts', { name: 'Ana', phone: ANA })) as { id: string };
  await page.goto(`${stack.url}/desk/contacts/${ana.id}`);
  await page.getByRole('link', { name: `Call (AI): ${ANA}` }).click();
  await expect(desk.heading('Have a number called')).toBeVisible();
  const number = page.getByLabel('Telephone number');
  await expect(number).toHaveValue(ANA);
  await expect(page.getByLabel('Agent')).toHaveValue('');
  await expectAccessible(page);
  const call = page.getByRole('button', { name: 'Call (AI)' });
  await number.fill('+34 803 123 456');
  await call.click();
  await expect(page.getByText('This is no number that can be called.')).toBeVisible();
  await number.fill(ANA);
  await page.getByLabel('Agent').selectOption('Test – short');
  await call.click();
  await expect(page).toHaveURL(/\/desk\/calls\/call_/);
  await expect(desk.heading('Ana')).toBeVisible();

  // Nobody answers: it is tried again from there.
  const id = page.url().split('/').at(-1) ?? '';
  await stack.emulator.end(id, 'dial_no_answer');
  await page.getByRole('link', { name: 'Try the call again' }).click();
  await expect(number).toHaveValue(ANA);
  await page.goto(`${stack.url}/desk/contacts/${ana.id}`);
  const again = page.getByRole('list').getByRole('link', { name: 'Try the call again' });
  await expect(again).toHaveAttribute('href', /agent=agent_test_short$/);
  await again.click();
  await expect(number).toHaveValue(ANA);

  // Who says in the call that they want no more is not called again.
  await page.getByLabel('Agent').selectOption('Test – short');
  await call.click();
  await expect(page).toHaveURL(/\/desk\/calls\/call_/);
  await stack.emulator.end(page.url().split('/').at(-1) ?? '', 'user_requested_dnc');
  await expect
    .poll(async () => ((await business.ask('GET', `/api/desk/contacts/${ana.id}`)) as { do_not_call: boolean }).do_not_call)
    .toBe(true);
  await page.goto(`${stack.url}/desk/contacts/${ana.id}`);
  await expect(page.getByText('Do not call', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: `Call (AI): ${ANA}` }).click();
  await call.click();
  await expect(page.getByText('Whoever has this number does not want to be called.')).toBeVisible();
  await page.goto(`${stack.url}/desk/contacts/${ana.id}`);
  await page.getByLabel('Do not call them').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Do not call', { exact: true })).toHaveCount(0);
  await page.getByRole('link', { name: `Call (AI): ${ANA}` }).click();
  await expect(number).toHaveValue(ANA);

  // From wherever somebody wrote a number down, as it is dialled in the business's country.
  await page.goBack();
  await page.getByLabel('Notes').fill('At her office: 030 / 901820, until 01.02.2026.');
  await expectAccessible(page);
  page.once('dialog', (question) => question.accept());
  await page.getByRole('link', { name: 'Call (AI): 030 / 901820' }).click();
  await expect(number).toHaveValue('030 / 901820');
  await page.getByLabel('Agent').selectOption('Test – short');
  await call.click();
  await expect(page).toHaveURL(/\/desk\/calls\/call_/);
  await expect(page.getByText('+4930901820').first()).toBeVisible();
});
