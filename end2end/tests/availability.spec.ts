// Who of the staff takes calls: said on one's own page, seen by colleagues at once, and asked
// before a caller is handed to a person.

import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('a person is handed calls while they are ready, which colleagues see at once', async ({ browser, desk, business, stack }) => {
  const email = `lea-${Date.now()}@example.com`;
  const { url } = (await business.ask('POST', '/api/desk/people', { email, name: 'Lea', role: 'agent' })) as { url: string };
  const context = await browser.newContext();
  const lea = await context.newPage();
  await lea.goto(url);
  await lea.getByLabel('New password', { exact: true }).fill('three words together');
  await lea.getByLabel('New password again').fill('three words together');
  await lea.getByRole('button', { name: 'Save and sign in' }).click();
  await expect(lea.getByRole('heading', { name: 'Calls' })).toBeVisible();

  const { page } = desk;
  await page.goto(`${stack.url}/desk/settings/routing`);
  await page.getByRole('button', { name: 'Add a destination' }).click();
  const form = page.getByRole('form', { name: 'Add a destination' });
  await form.getByLabel('Name').fill('Lea');
  await form.getByLabel('Number or SIP address').fill('sip:lea@example.com');
  await form.getByLabel('Who answers there').selectOption({ label: 'Lea' });
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('table', { name: 'Handing calls over' })).toContainText('sip:lea@example.com');
  const meant = async () => {
    const run = (await business.ask('POST', '/api/desk/functions/transfer_call/try', { arguments: { destination: 'Lea' } })) as { answer: Record<string, unknown> };
    return run.answer;
  };
  expect(await meant()).toMatchObject({ ok: false, reason: 'nobody_ready' });

  await page.goto(`${stack.url}/desk/settings/people`);
  const row = page.getByRole('row', { name: new RegExp(email) });
  await expect(row).toContainText('Away');
  await lea.goto(`${stack.url}/desk/settings/me`);
  const taking = lea.getByRole('region', { name: 'Taking calls' });
  await expect(taking.getByRole('radio', { name: 'Away' })).toBeChecked();
  await taking.getByRole('radio', { name: 'Ready' }).check();
  await expect(row).toContainText('Ready');
  // Below one's name it is said on every page.
  await lea.getByRole('link', { name: 'Calls', exact: true }).click();
  await lea.getByText('Lea', { exact: true }).click();
  const says = lea.getByRole('combobox', { name: 'Taking calls' });
  await expect(says).toBeFocused();
  await expect(says).toHaveValue('ready');
  await expectAccessible(lea);
  await says.selectOption({ label: 'Busy' });
  await expect(row).toContainText('Busy');
  await says.selectOption({ label: 'Ready' });
  await expect(row).toContainText('Ready');
  await lea.goBack();
  expect(await meant()).toMatchObject({ ok: true, to: 'sip:lea@example.com' });
  await expectAccessible(lea);
  await expectAccessible(page);

  // By the keyboard; and a page that is loaded anew knows it.
  await taking.getByRole('radio', { name: 'Ready' }).press('ArrowRight');
  await expect(row).toContainText('Busy');
  expect(await meant()).toMatchObject({ ok: false, reason: 'nobody_ready' });
  await lea.reload();
  await expect(taking.getByRole('radio', { name: 'Busy' })).toBeChecked();
  await expect(taking.getByRole('row', { name: /Away/ })).toBeVisible();
  await context.close();
});
