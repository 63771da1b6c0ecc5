// What was typed into a form is not lost: not by going elsewhere, nor because the session ended meanwhile.

import { expect, test } from '../fixtures/test.ts';

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
  await expect(page.getByText('Saved.')).toBeVisible();
  expect(await business.ask('GET', '/api/desk/business')).toMatchObject({ name: 'Sunrise Dental Care' });

  // Nothing is to be lost any more.
  await calls.click();
  await expect(desk.heading('Calls')).toBeVisible();
});
