// What each role is offered at the desk. What it may do the server says, to every route.

import type { Page } from '@playwright/test';
import { Supervisor } from '../fixtures/supervisor.ts';
import { expect, test } from '../fixtures/test.ts';

const WITH_A_CALL = ['Tell the agent', 'Take over', 'End call', 'Hand over', 'Variables'];
const OF_ADMINS = ['Business', 'Services and staff', 'People', 'Privacy', 'Audit trail', 'Public keys', 'API keys', 'CRM', 'Webhook inbox'];

/** How many there are of each of these. */
const counts = (page: Page, role: 'button' | 'link' | 'menuitem', names: string[]) =>
  Promise.all(names.map((name) => page.getByRole(role, { name, exact: true }).count()));

for (const role of ['agent', 'supervisor', 'admin']) {
  test(`what the role ${role} is offered`, async ({ browser, business }) => {
    const [may, owns] = [Number(role !== 'agent'), Number(role === 'admin')];
    const ring = await business.emulator.ring('+491701234567', await business.addNumber('agent_demo_de'));
    const id = ring?.call_id ?? '';
    const { page, bar } = await Supervisor.at(business, browser, await Supervisor.join(business, 'Lea', role), id);

    await expect(bar.getByRole('button', { name: 'Listen' })).toBeVisible();
    await expect.poll(() => counts(page, 'button', WITH_A_CALL)).toEqual(WITH_A_CALL.map(() => may));
    await business.emulator.end(id, 'user_hangup');
    await expect(bar).toBeHidden();
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await expect(page.getByRole('menuitem', { name: 'Copy the link to this call' })).toBeVisible();
    await expect.poll(() => counts(page, 'menuitem', ['Delete what was said', 'Delete this call'])).toEqual([may, may]);

    const settings = page.getByRole('link', { name: 'My account' });
    await expect(settings).toBeVisible();
    await expect.poll(() => counts(page, 'link', OF_ADMINS)).toEqual(OF_ADMINS.map(() => owns));
    await page.getByRole('link', { name: 'Contacts', exact: true }).click();
    await expect(page.getByRole('link', { name: 'Find duplicates' })).toBeVisible();
    await expect.poll(() => counts(page, 'link', ['Import from a file', 'Download as CSV'])).toEqual([may, may]);
    await page.getByRole('link', { name: 'Calendar', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Book', exact: true })).toBeVisible();
    await page.getByRole('link', { name: 'Calls', exact: true }).click();
    await page.getByRole('button', { name: 'More filters' }).click();
    await expect(page.getByRole('dialog', { name: 'More filters' })).toBeVisible();
    await expect.poll(() => counts(page, 'button', ['Download as CSV', 'Download as JSON lines'])).toEqual([may, may]);

    // Nor by an address that somebody sends them.
    await page.goto(`${business.stack.deskUrl}/settings/privacy`);
    await expect(page.getByRole('heading', { level: 1, name: 'Privacy' })).toBeVisible();
    await expect(page.getByText('Your role does not allow you to see this.')).toHaveCount(1 - owns);
    await page.context().close();
  });
}
