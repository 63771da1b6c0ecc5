// Somebody who was invited signs in at the business's own provider of
// identities, and everything that can go wrong there is told in words.

import type { Page } from '@playwright/test';
import { expectAccessible } from '../fixtures/axe.ts';
import { IdentityProvider, UNVERIFIED } from '../fixtures/identity-provider.ts';
import { expect, test as base } from '../fixtures/test.ts';

const test = base.extend<object, { provider: IdentityProvider; serving: void }>({
  provider: [
    async ({}, use) => {
      const provider = await IdentityProvider.start();
      await use(provider);
      await provider.stop();
    },
    { scope: 'worker' },
  ],
  stackEnv: [async ({ provider }, use) => use(provider.settings), { scope: 'worker' }],
  // Each has to know the other's address: the server asks it when somebody signs in.
  serving: [
    async ({ provider, stack }, use) => {
      provider.serve(stack.url);
      await use();
    },
    { scope: 'worker', auto: true },
  ],
});

const button = (page: Page) => page.getByRole('link', { name: 'Sign in with Sunrise SSO' });

/** Fills the provider's own pages in. */
async function signInThere(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  // The provider asks whether we may know who they are.
  await page.getByRole('button', { name: 'Continue' }).click();
}

async function invite(page: Page, url: string, email: string): Promise<void> {
  await page.goto(`${url}/desk/settings/people`);
  const form = page.getByRole('region', { name: 'Invite somebody' });
  await form.getByLabel('Name').fill('Lea');
  await form.getByLabel('E-mail').fill(email);
  await form.getByRole('button', { name: 'Make an invitation link' }).click();
  await expect(page.getByRole('textbox', { name: 'Invitation link' })).toBeVisible();
}

test('who was invited signs in at the provider, and out again', async ({ page, desk, stack, provider }) => {
  const email = `lea-${Date.now()}@example.com`;
  await invite(desk.page, stack.url, email);

  // The page that was asked for is where it ends.
  await page.goto(`${stack.url}/desk/settings/me`);
  await expect(button(page)).toBeVisible();
  await expectAccessible(page);
  await button(page).click();
  await expect(page).toHaveURL(new RegExp(`^${provider.url}/`));
  await signInThere(page, email);
  await expect(page).toHaveURL(`${stack.url}/desk/settings/me`);
  const linked = page.getByRole('table', { name: 'Signing in without a password' });
  await expect(linked.getByRole('row', { name: new RegExp(`Sunrise SSO.*${email}`) })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Where you are signed in' }).getByText('This session')).toHaveCount(1);
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await expect(button(page)).toBeVisible();
  await page.reload();
  await expect(button(page)).toBeVisible();

  // The provider knows them by now, and so do we.
  await page.goto(stack.deskUrl);
  await button(page).click();
  await expect(page.getByRole('heading', { name: 'Calls' })).toBeVisible();

  await page.goto(`${stack.url}/desk/settings/me`);
  await linked.getByRole('button', { name: 'Unlink' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click();
  await expect(page.getByText('The account is unlinked.')).toBeVisible();
  await page.getByRole('button', { name: 'Link with Sunrise SSO' }).click();
  await expect(linked.getByRole('row', { name: new RegExp(email) })).toBeVisible();

  await desk.page.goto(`${stack.url}/desk/settings/audit`);
  for (const deed of ['Accepted the invitation', 'Linked an account for signing in', 'Unlinked an account']) {
    await expect(desk.page.getByRole('row', { name: new RegExp(`Lea.*${deed}`) }).first()).toBeVisible();
  }
});

test('who has no business here is told so, in their language', async ({ browser, stack }) => {
  for (const [locale, link, login, words] of [
    ['en-US', 'Sign in with Sunrise SSO', 'stranger@example.com', /Nobody here has this account/],
    ['es-ES', 'Acceder con Sunrise SSO', `${UNVERIFIED}lea@example.com`, /no está verificado/],
    ['de-DE', 'Mit Sunrise SSO anmelden', 'fremd@example.com', /Niemand hat hier dieses Konto/],
  ] as const) {
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    await page.goto(stack.deskUrl);
    await page.getByRole('link', { name: link }).click();
    await signInThere(page, login);
    await expect(page.getByRole('alert').getByText(words)).toBeVisible();
    await expect(page).toHaveURL(/\/desk(\/calls)?$/);
    await expectAccessible(page);
    await context.close();
  }
});

test('who turns back at the provider can try again', async ({ page, stack }) => {
  await page.goto(stack.deskUrl);
  await button(page).click();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page.getByText('You were not signed in. Please try again.')).toBeVisible();
  await expect(button(page)).toBeVisible();
});
