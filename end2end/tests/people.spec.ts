// An admin invites somebody, who works at the desk with the role they were
// given; sessions are ended from elsewhere.

import type { Page } from '@playwright/test';
import { Business } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { hold } from '../fixtures/hold.ts';
import { expect, test } from '../fixtures/test.ts';

const PASSWORD = 'three words together';

const sections = (page: Page) => page.getByRole('navigation', { name: 'Settings' });

async function openSection(page: Page, url: string, name: string): Promise<void> {
  await page.goto(`${url}/desk/settings`);
  await sections(page).getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
}

/** Invites somebody and gives the link. */
async function invite(page: Page, url: string, person: { name: string; email: string; role: string }): Promise<string> {
  await openSection(page, url, 'People');
  const form = page.getByRole('region', { name: 'Invite somebody' });
  await form.getByLabel('Name').fill(person.name);
  await form.getByLabel('E-mail').fill(person.email);
  await form.getByLabel('Role').selectOption({ label: person.role });
  await form.getByRole('button', { name: 'Make an invitation link' }).click();
  const link = page.getByRole('textbox', { name: 'Invitation link' });
  await expect(link).toHaveValue(/\/desk\/invitation\//);
  return link.inputValue();
}

test('who is invited chooses a password, and sees what the role allows', async ({ browser, desk, stack }) => {
  const email = `lea-${Date.now()}@example.com`;
  const link = await invite(desk.page, stack.url, { name: 'Lea', email, role: 'Agent' });
  await expect(desk.page.getByRole('row', { name: new RegExp(email) })).toContainText('Invited');
  await expectAccessible(desk.page);

  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('New password again').fill('something else');
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await expect(page.getByText('The two passwords are not the same.')).toBeVisible();
  await page.getByLabel('New password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Calls' })).toBeVisible();

  await expect(sections(page).getByRole('link', { name: 'My account' })).toBeVisible();
  await expect(sections(page).getByRole('link', { name: 'People' })).toHaveCount(0);
  await page.goto(`${stack.url}/desk/settings/people`);
  await expect(page.getByText('Your role does not allow you to see this.')).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(sections(page).getByRole('link', { name: 'My account' })).toBeVisible();

  await page.goto(link);
  await expect(page.getByText('This link was used already')).toBeVisible();
  await context.close();

  await openSection(desk.page, stack.url, 'Audit trail');
  await expect(desk.page.getByRole('row', { name: /Lea.*Accepted the invitation/ }).first()).toBeVisible();
  await expectAccessible(desk.page);
});

test('a session ended from elsewhere is over at once', async ({ browser, desk, stack }) => {
  const email = `noa-${Date.now()}@example.com`;
  const link = await invite(desk.page, stack.url, { name: 'Noa', email, role: 'Supervisor' });
  const [first, second] = [await browser.newContext(), await browser.newContext()];
  const [here, there] = [await first.newPage(), await second.newPage()];
  await here.goto(link);
  await here.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await here.getByLabel('New password again').fill(PASSWORD);
  await here.getByRole('button', { name: 'Save and sign in' }).click();
  await expect(here.getByRole('heading', { name: 'Calls' })).toBeVisible();
  await there.goto(stack.deskUrl);
  await there.getByLabel('E-mail').fill(email);
  await there.getByLabel('Password').fill(PASSWORD);
  await there.getByRole('button', { name: 'Sign in' }).click();
  await expect(there.getByRole('heading', { name: 'Calls' })).toBeVisible();

  await openSection(here, stack.url, 'My account');
  const sessions = here.getByRole('table', { name: 'Where you are signed in' });
  await expect(sessions.getByText('This session')).toHaveCount(1);
  await expectAccessible(here);
  await sessions.getByRole('button', { name: 'Sign out' }).click();
  await expect(here.getByText('Signed out.')).toBeVisible();
  await expect(there.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await first.close();
  await second.close();
});

test('a business says when it is open', async ({ desk, stack }) => {
  const { page } = desk;
  // What calls come to is saved by itself, below.
  const save = page.getByRole('button', { name: 'Save' }).first();
  await openSection(page, stack.url, 'Business');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue(Business.NAME);
  await expectAccessible(page);
  await page.getByLabel('Always open').uncheck();
  const day = (name: string) => page.getByRole('group', { name, exact: true });
  const stretch = async (name: string, nth: number, from: string, to: string) => {
    await day(name).getByRole('button', { name: 'Add hours' }).click();
    await expect(day(name).getByLabel('From').nth(nth)).toBeFocused();
    await day(name).getByLabel('From').nth(nth).fill(from);
    await day(name).getByLabel('To', { exact: true }).nth(nth).fill(to);
  };
  await stretch('Monday', 0, '09:00', '12:30');
  await stretch('Monday', 1, '12:00', '00:00');
  await expect(day('Monday').getByRole('alert')).toContainText('These hours overlap.');
  await save.click();
  await expect(page.getByText('These hours cannot be used')).toBeVisible();
  await day('Monday').getByLabel('From').nth(1).fill('14:00');
  await page.getByRole('button', { name: 'Monday to Friday alike' }).click();
  await day('Friday').getByRole('button', { name: 'Remove' }).last().click();
  await page.getByRole('button', { name: 'Add a date' }).click();
  await page.getByLabel('Date').and(page.locator('input')).fill('2026-12-24');
  await expectAccessible(page);
  await save.click();
  await expect(page.getByText('Saved.', { exact: true })).toBeVisible();

  const { hours } = await (await page.request.get(`${stack.url}/api/desk/business`)).json();
  const [morning, evening] = [
    { from: '09:00', to: '12:30' },
    { from: '14:00', to: '24:00' },
  ];
  expect(hours.week).toEqual([...Array(4).fill([morning, evening]), [morning], [], []]);
  expect(hours.exceptions).toEqual([{ date: '2026-12-24', open: [] }]);
  await page.reload();
  await expect(day('Tuesday').getByLabel('To', { exact: true }).nth(1)).toHaveValue('00:00');
  await expect(day('Saturday')).toContainText('Closed');
  await expect(day('2026-12-24')).toContainText('Closed');
});

test('what is asked while another answer is on its way is done in its turn', async ({ desk, stack }) => {
  const { page } = desk;
  const people = ['Ada', 'Bo'].map((name) => ({ name, email: `${name.toLowerCase()}-${Date.now()}@example.com`, role: 'Agent' }));
  for (const person of people) await invite(page, stack.url, person);
  const role = (name: string) => page.getByRole('combobox', { name: `Role: ${name}` }).last();
  const letGo = await hold(page, '**/api/desk/people/*');
  await role('Ada').selectOption('Supervisor');
  await role('Bo').selectOption('Supervisor');
  letGo();
  await expect(page.getByText('Bo: Supervisor now.')).toBeVisible();
  await expect(async () => {
    await page.reload();
    for (const { name } of people) await expect(role(name)).toHaveValue('supervisor', { timeout: 2_000 });
  }).toPass();

  // Whoever goes elsewhere meanwhile has asked for it all the same.
  const letGoAgain = await hold(page, '**/api/desk/people/*');
  await role('Ada').selectOption('Admin');
  await role('Bo').selectOption('Admin');
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await expect(desk.heading('Calls')).toBeVisible();
  letGoAgain();
  const roles = async () => {
    const { items } = await (await page.request.get(`${stack.url}/api/desk/people`)).json();
    return people.map(({ email }) => items.find((it: { email: string }) => it.email === email)?.role);
  };
  await expect.poll(roles).toEqual(['admin', 'admin']);
});

test('of the roles that are stepped through with the arrows the last one is given', async ({ desk, stack }) => {
  const { page } = desk;
  const email = `lou-${Date.now()}@example.com`;
  await invite(page, stack.url, { name: 'Lou', email, role: 'Agent' });
  const role = page.getByRole('combobox', { name: 'Role: Lou' }).last();
  const given: unknown[] = [];
  page.on('request', (request) => request.method() === 'PATCH' && given.push(request.postDataJSON()));
  await role.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(role).toHaveValue('admin');
  await expect(page.getByText('Lou: Admin now.')).toBeVisible();
  expect(given).toEqual([expect.objectContaining({ role: 'admin' })]);
});

test('a role that is refused is taken back on the screen', async ({ desk, stack }) => {
  const { page } = desk;
  const email = `kim-${Date.now()}@example.com`;
  await invite(page, stack.url, { name: 'Kim', email, role: 'Agent' });
  await page.route('**/api/desk/people/*', (route) => route.fulfill({ status: 503, body: '{}' }));
  const role = page.getByRole('combobox', { name: 'Role: Kim' }).last();
  await role.selectOption('Admin');
  await expect(page.getByRole('alert').filter({ hasText: 'Something went wrong on our side.' })).toBeVisible();
  await expect(role).toHaveValue('agent');
});
