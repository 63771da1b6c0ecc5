// Rules of a business of which people are warned while calls go on: written by its owner, seen in
// another desk's list and at the call's page, then and afterwards.

import { expectAccessible } from '../fixtures/axe.ts';
import { Desk } from '../fixtures/desk.ts';
import { expect, test } from '../fixtures/test.ts';

test('an owner writes rules, and whoever looks is warned as a call breaks them', async ({ browser, business, desk, panel, stack }) => {
  const { page } = desk;
  await page.goto(`${stack.url}/desk/settings/business`);
  const warnings = page.getByRole('region', { name: 'Warnings' });
  await expect(warnings).toContainText('There are no rules yet.');
  await test.step('the rules', async () => {
    await warnings.getByRole('button', { name: 'Add a rule' }).click();
    const form = warnings.getByRole('form', { name: 'Add a rule' });
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form.getByText('Please enter a name of up to 60 characters.')).toBeVisible();
    await expect(form.getByText('Please enter 1 to 30, of up to 100 characters each.')).toBeVisible();
    await expect(form.getByLabel('Name')).toBeFocused();
    await expectAccessible(page);
    await form.getByLabel('Name').fill('Asks for a human');
    await form.getByLabel('When').selectOption({ label: 'The caller says something' });
    await expect(form.getByLabel('Seconds')).toHaveCount(0);
    await form.getByLabel('Any of these words or phrases').fill('a human\nCÁN you HEAR me');
    await form.getByRole('button', { name: 'Save' }).click();
    const list = warnings.getByRole('table', { name: 'Warnings' });
    await expect(list).toContainText('Said by the caller: a human, CÁN you HEAR me');

    await warnings.getByRole('button', { name: 'Does not say it is an AI' }).click();
    await expect(form.getByLabel('Name')).toHaveValue('Does not say it is an AI');
    await expect(form.getByLabel('Flag the call for a supervisor')).toBeChecked();
    await form.getByLabel('Seconds').fill('5');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(list).toContainText('Not said by the agent within 5 s: an AI, artificial intelligence');
    await expect(form).toHaveCount(0);
    await warnings.getByRole('button', { name: 'Long silence' }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    await list.getByRole('button', { name: 'Remove: Long silence' }).click();
    await expect(list).not.toContainText('The caller is silent');
    await list.getByRole('button', { name: 'Change: Asks for a human' }).click();
    await expect(warnings.getByRole('form', { name: 'Change the rule' }).getByLabel('Name')).toHaveValue('Asks for a human');
    await expectAccessible(page);
  });

  const context = await browser.newContext({ storageState: { cookies: business.cookies, origins: [] } });
  const second = new Desk(await context.newPage(), stack.deskUrl);
  await second.open();
  await panel.visit();
  await panel.callUntilHeard();
  const { callId } = panel;
  const row = second.calls.getByRole('row').filter({ has: second.link(callId) });
  await expect(row).toContainText('Does not say it is an AI', { timeout: 15_000 });
  await panel.speakAndBeSent('hello');
  await expect(row).toContainText('Asks for a human');
  await expect(second.page.getByRole('status').filter({ hasText: 'Asks for a human' })).toBeAttached();
  await expectAccessible(second.page);

  await second.openCall(callId);
  const told = second.page.getByRole('status');
  const human = told.getByRole('paragraph').filter({ hasText: 'Asks for a human' });
  await expect(told.filter({ hasText: 'Does not say it is an AI' }).first()).toBeVisible();
  await human.getByRole('button', { name: /^Show what was said at 0:\d\d$/ }).click();
  const marked = second.transcript.locator('[aria-current="true"]');
  await expect(marked).toContainText('can you hear me');
  await expect(marked).toBeInViewport();
  await expectAccessible(second.page);

  await panel.hangUp();
  await expect(second.heading('Recording')).toBeVisible();
  await expect(human).toBeVisible();
  await second.page.goto(`${stack.deskUrl}?warned=false`);
  await expect(second.page.getByText('No calls match')).toBeVisible();
  await second.page.getByRole('button', { name: 'Remove filter: Warnings: Without one' }).click();
  await expect(second.link(callId)).toBeVisible();
  const more = await second.moreFilters();
  await more.getByLabel('Warnings').selectOption('With a warning');
  await expect(second.page).toHaveURL(/\?warned=true$/);
  await more.getByRole('button', { name: 'Close' }).click();
  await expect(second.link(callId)).toBeVisible();
  await expect(row).toContainText('Asks for a human');
  await context.close();
});
