// The functions an agent asks for during a call, as the desk follows them.

import type { Business, Stack } from 'switchboard-playwright';
import type { Desk } from '../fixtures/desk.ts';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

/** Looks for a time, books it, and asks what nobody offers; then listens. */
const BOOKS = `
name = "Books"
language = "en-US"

[[steps]]
agent = "One moment, please."

[[steps]]
tool = "check_availability"
arguments = { service = "Check-up", relative_day = "tomorrow" }
variables = { slot = "slots[0].slot" }

[[steps]]
tool = "book_appointment"
arguments = { service = "Check-up", slot = "{{slot}}", name = "Ana García", phone = "+34612345678" }

[[steps]]
tool = "check_availability"
arguments = { service = "Haircut" }

[[steps]]
agent = "That is booked."

[[steps]]
visitor = "Thank you."

[[steps]]
end = "agent_hangup"
`;

/** Always open, with one service. */
async function furnish(business: Business): Promise<void> {
  const settings = (await business.ask('GET', '/api/desk/business')) as Record<string, unknown>;
  const day = [{ from: '00:00', to: '24:00' }];
  const hours = { week: Array(7).fill(day), exceptions: [] };
  await business.ask('PUT', '/api/desk/business', { ...settings, hours });
  await business.ask('POST', '/api/desk/calendar/services', { name: 'Check-up', minutes: 30 });
  await business.ask('POST', '/api/desk/calendar/services', { name: 'Cleaning', minutes: 45 });
}

function rows(desk: Desk, name: string) {
  return desk.transcript.locator('.sb-row-tool').filter({ hasText: name });
}

test('what an agent does is in the time line of its call while it goes on, and stays there', async ({ panel, desk, business, stack }) => {
  await furnish(business);
  await business.addAgent(BOOKS, { emulator_functions_url: `${stack.url}/api/functions/{tool}` });
  await desk.open();
  await panel.visit({ key: business.key });
  await panel.callUntilHeard();
  await desk.openCall(panel.callId);

  const booked = rows(desk, 'book_appointment');
  await expect(booked.locator('.sb-chip')).toHaveText('Succeeded');
  await expect(booked.locator('.sb-row-took')).toHaveText(/^\d[\d,.]* ?ms$/);
  const looked = rows(desk, 'check_availability');
  await expect(looked.first().locator('.sb-chip')).toHaveText('Succeeded');
  // Answered, but not as the caller wanted.
  await expect(looked.last().locator('.sb-chip')).toHaveText('Not possible');
  await expect(desk.navigation).toContainText('1 Live');

  await booked.locator('summary').press('Enter');
  await expect(booked.locator('pre').first()).toContainText('"name": "Ana García"');
  await expect(booked.locator('pre').last()).toContainText('"message": "That is booked: Check-up');
  await expectAccessible(desk.page);

  // One time line: what Retell tells in the end are the same functions.
  await panel.hangUp();
  await expect(desk.heading('Recording')).toBeVisible();
  await expect(desk.transcript.locator('.sb-row-tool')).toHaveCount(3);
  await expect(booked.locator('.sb-row-took')).toHaveText(/ms$/);
  await desk.page.reload();
  await expect(desk.transcript.locator('.sb-row-tool')).toHaveCount(3);
  await expect(rows(desk, 'book_appointment').locator('.sb-chip')).toHaveText('Succeeded');
});

/** A request at the local Retell's own API, as somebody makes an agent there. */
async function atRetell(stack: Stack, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${stack.emulator.url}${path}`, {
    method,
    headers: { authorization: 'Bearer key_local_emulator', 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  return (await response.json()) as Record<string, unknown>;
}

test('an admin switches a function off, tries another, and puts them into an agent', async ({ desk, business, stack }) => {
  const { page } = desk;
  await furnish(business);
  const tools = [{ type: 'end_call', name: 'hang_up', description: 'Hangs up.' }];
  const { llm_id } = await atRetell(stack, 'POST', '/create-retell-llm', { general_tools: tools });
  const name = `Emma of ${business.id}`;
  const engine = { type: 'retell-llm', llm_id };
  await atRetell(stack, 'POST', '/create-agent', { agent_name: name, voice_id: '11labs-Adrian', response_engine: engine });
  // Its keys are new: the account is looked at again.
  await business.ask('PUT', '/api/desk/account', { retell_key: 'key_local_emulator', webhook_key: 'key_local_emulator' });
  await expect
    .poll(async () => JSON.stringify(await business.ask('GET', '/api/desk/functions/use')), { timeout: 20_000 })
    .toContain(name);

  await page.goto(`${stack.url}/desk/settings/functions`);
  const all = page.getByRole('table', { name: 'Functions' });
  await expect(all).toContainText('book_appointment');
  await all.getByRole('button', { name: 'Open: book_appointment' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'book_appointment' })).toBeFocused();
  const tab = (label: string) => page.getByRole('tablist').getByRole('tab', { name: label });
  await tab('Try it').click();
  await expect(page.getByText('It really does it')).toBeVisible();
  await tab('Agents').click();
  await page.getByRole('checkbox', { name }).uncheck();
  await expect(all).toContainText(`Off for ${name}`);
  await expectAccessible(page);

  await all.getByRole('button', { name: 'Open: check_availability' }).click();
  const form = page.getByRole('form', { name: 'Try it' });
  await tab('Try it').click();
  await form.getByLabel('service', { exact: true }).fill('Check-up');
  await form.getByLabel('relative_day').selectOption('tomorrow');
  await form.getByRole('button', { name: 'Try it' }).click();
  await expect(form.getByRole('status')).toContainText('For Check-up there is:');
  await tab('Last asked').click();
  await expect(page.getByRole('list', { name: 'Last asked' })).toContainText('Trial');
  await expectAccessible(page);

  await page.getByLabel('Agent', { exact: true }).selectOption({ label: name });
  await page.getByRole('button', { name: 'Show what would change' }).click();
  const changes = page.getByRole('list', { name: 'Put these into an agent' });
  await expect(changes.getByRole('listitem').filter({ hasText: 'check_availability' })).toContainText('New');
  await expect(changes.getByRole('listitem').filter({ hasText: 'hang_up' })).toContainText('Not ours');
  await expect(changes).not.toContainText('book_appointment');
  await page.getByRole('button', { name: 'Write into the agent' }).click();
  await expect(page.getByText('Written. Calls from now on use these functions.')).toBeVisible();
  await expect(page.getByText('Voice: Adrian')).toBeVisible();
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await expect(page.getByText('The agent has these functions already.')).toBeVisible();
  const { general_tools } = await atRetell(stack, 'GET', `/get-retell-llm/${llm_id}`);
  const names = (general_tools as { name: string }[]).map((tool) => tool.name);
  expect(names).toContain('check_availability');
  expect(names).toContain('hang_up');
  expect(names).not.toContain('book_appointment');
});

test('how a function goes is drawn day by day, told as a table, and which tab is open is in the address', async ({ panel, desk, business, stack }) => {
  await furnish(business);
  await business.addAgent(BOOKS, { emulator_functions_url: `${stack.url}/api/functions/{tool}` });
  const { page } = desk;
  await panel.visit({ key: business.key });
  await panel.callUntilHeard();
  const used = async () => {
    const { items } = (await business.ask('GET', '/api/desk/functions/use')) as { items: { name: string; asked: number }[] };
    return items.find((it) => it.name === 'check_availability')?.asked;
  };
  await expect.poll(used).toBe(2);
  await page.goto(`${stack.url}/desk/settings/functions/check_availability`);
  await expect(page.getByRole('heading', { name: 'check_availability' })).toBeFocused();
  const tab = (label: string) => page.getByRole('tablist', { name: 'check_availability' }).getByRole('tab', { name: label });
  const open = page.getByRole('tabpanel', { name: 'How it goes' });
  await expect(tab('How it goes')).toHaveAttribute('aria-selected', 'true');
  await expect(open.locator('dl')).toHaveText(/Asked2Failed0 ?%Median[\d,.]+ ?ms95 in 100[\d,.]+ ?ms/);

  // Two came today, and none on the six days before.
  const chart = open.getByRole('figure').filter({ hasText: 'Asked each day' });
  await expect(chart.getByRole('img', { name: 'Asked each day' })).toBeVisible();
  await chart.getByText('Show as a table').click();
  const rows = chart.getByRole('table', { name: 'Asked each day' }).locator('tbody tr');
  await expect(rows).toHaveCount(7);
  await expect(rows.first().getByRole('cell').nth(1)).toHaveText('0');
  await expect(rows.last().getByRole('cell').nth(1)).toHaveText('2');
  await expect(rows.last().getByRole('cell').nth(2)).toHaveText('0');
  const took = open.getByRole('figure').filter({ hasText: 'How long it took' });
  await took.getByText('Show as a table').press('Enter');
  await expect(took.getByRole('row').nth(1).getByRole('cell').nth(1)).toHaveText('');
  await expect(took.getByRole('row').last().getByRole('cell').nth(1)).toHaveText(/ms$/);
  await expectAccessible(page);

  // The arrows lead from tab to tab, and around; a press opens one, and each has an address.
  await tab('How it goes').focus();
  await page.keyboard.press('ArrowRight');
  await expect(tab('Last asked')).toBeFocused();
  await expect(open).toBeVisible();
  await page.keyboard.press('End');
  await expect(tab('Agents')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(tab('How it goes')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/functions\/check_availability:runs$/);
  await expect(open).toBeHidden();
  await expect(page.getByRole('list', { name: 'Last asked' }).getByRole('listitem')).toHaveCount(2);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('tabpanel', { name: 'Last asked' })).toBeFocused();
  await page.reload();
  await expect(tab('Last asked')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('list', { name: 'Last asked' }).getByRole('listitem')).toHaveCount(2);
  await page.goBack();
  await expect(tab('How it goes')).toHaveAttribute('aria-selected', 'true');
});
