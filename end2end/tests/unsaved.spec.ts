// What was typed into a form is not lost: not by going elsewhere, nor because the session ended meanwhile.

import type { Dialog } from '@playwright/test';
import type { Desk } from '../fixtures/desk.ts';
import { expect, test } from '../fixtures/test.ts';

/** Whether leaving for the calls asks first; then it is done, or not. */
async function asks(desk: Desk, leave: 'accept' | 'dismiss' = 'dismiss'): Promise<boolean> {
  let asked = false;
  const hear = (dialog: Dialog) => {
    asked = true;
    return dialog[leave]();
  };
  desk.page.once('dialog', hear);
  await desk.navigation.getByRole('link', { name: 'Calls' }).click();
  desk.page.off('dialog', hear);
  return asked;
}

test('what is typed while something is saved is saved when it is asked for, and kept until then', async ({ desk, business }) => {
  const { page } = desk;
  await desk.open();
  await page.getByRole('link', { name: 'Business', exact: true }).click();
  const name = page.getByLabel('Name', { exact: true });
  const save = page.getByRole('button', { name: 'Save' }).first();
  const saved: unknown[] = [];
  let go = () => {};
  const held = new Promise<void>((done) => (go = done));
  await page.route('**/api/desk/business?*', async (route) => {
    saved.push((route.request().postDataJSON() as { name: unknown }).name);
    if (saved.length === 1) await held;
    await route.continue();
  });
  await name.fill('Sunrise One');
  await save.click();
  await expect.poll(() => saved).toEqual(['Sunrise One']);
  await name.fill('Sunrise Two');
  await page.getByRole('button', { name: /^Sav/ }).first().click();
  go();
  await expect.poll(() => saved).toEqual(['Sunrise One', 'Sunrise Two']);
  await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
  expect(await business.ask('GET', '/api/desk/business')).toMatchObject({ name: 'Sunrise Two' });

  // Typed and not asked for: it stays, and is asked about.
  const answered = page.waitForResponse('**/api/desk/business?*');
  await name.fill('Sunrise Three');
  await save.click();
  await name.fill('Sunrise Four');
  await answered;
  await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
  await expect(name).toHaveValue('Sunrise Four');
  expect(await asks(desk)).toBe(true);
  await expect(name).toHaveValue('Sunrise Four');
  expect(saved).toEqual(['Sunrise One', 'Sunrise Two', 'Sunrise Three']);
});

test('what a button adds to a form, and what a form sends, is not lost without a question either', async ({ desk }) => {
  const { page } = desk;
  await desk.open();
  await page.getByRole('link', { name: 'Business', exact: true }).click();
  await page.getByRole('button', { name: 'Add a date' }).click();
  expect(await asks(desk, 'accept')).toBe(true);
  await page.getByRole('link', { name: 'Business', exact: true }).click();
  await page.getByLabel('API key').fill('key_of_another_account');
  expect(await asks(desk)).toBe(true);
});

test('what was typed is not lost without a question, nor with the session', async ({ desk, business }) => {
  const { page } = desk;
  await desk.open();
  await page.getByRole('link', { name: 'Business', exact: true }).click();
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Sunrise Dental Care');
  const calls = desk.navigation.getByRole('link', { name: 'Calls' });
  for (const leave of [() => calls.click(), () => page.evaluate(() => history.back())]) {
    const question = page.waitForEvent('dialog');
    const left = leave();
    const asked = await question;
    expect(asked.message()).toBe('What you typed is not saved yet. Leave all the same?');
    await asked.dismiss();
    await left;
    await expect(page).toHaveURL(/\/desk\/settings\/business$/);
    await expect(name).toHaveValue('Sunrise Dental Care');
  }

  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Save' }).first().click();
  const again = page.getByRole('dialog', { name: 'Sign in to your desk' });
  await again.getByLabel('E-mail').fill(`robin@${business.id}.example`);
  await again.getByLabel('Password').fill('three words together');
  await again.getByRole('button', { name: 'Sign in' }).click();
  await expect(again).toHaveCount(0);
  await expect(name).toHaveValue('Sunrise Dental Care');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
  expect(await business.ask('GET', '/api/desk/business')).toMatchObject({ name: 'Sunrise Dental Care' });

  // Nothing is to be lost any more.
  await calls.click();
  await expect(desk.heading('Calls')).toBeVisible();
});
