// Who may embed the widget, and with which key.

import type { Panel } from 'switchboard-playwright';
import { expectAgent } from '../fixtures/agents.ts';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

/** Instead of the panel there is a page that says what is wrong. */
async function expectProblem(panel: Panel, problem: string, heading: string, sentence: string): Promise<void> {
  const note = panel.inside.getByRole('region');
  await expect(note).toHaveAttribute('data-problem', problem);
  await expect(note.getByRole('heading', { level: 1 })).toHaveText(heading);
  await expect(note.getByRole('paragraph')).toHaveText(sentence);
  await expect(panel.inside.locator('[data-state]')).toHaveCount(0);
  expect(panel.callId).toBe('');
}

test('an unknown key says so', async ({ page, panel, stack }) => {
  const page404 = await page.request.get(`${stack.url}/panel?key=pk_unknown`);
  expect(page404.status()).toBe(404);
  await panel.visit({ key: 'pk_unknown' });
  await panel.call();
  await expectProblem(
    panel,
    'key-unknown',
    'This call button does not work',
    'The website uses a key we do not know. Please contact the business in another way.',
  );
});

test('a disabled key says so', async ({ page, panel, stack }) => {
  const page403 = await page.request.get(`${stack.url}/panel?key=pk_disabled`);
  expect(page403.status()).toBe(403);
  await panel.visit({ key: 'pk_disabled' });
  await panel.call();
  await expectProblem(
    panel,
    'key-disabled',
    'This call button is switched off',
    'Calls from this website are not available right now. Please contact the business in another way.',
  );
});

test('an agent the key may not use says so', async ({ panel }) => {
  await panel.visit({ agent: 'agent_of_somebody_else' });
  await panel.call();
  await panel.expectEnded('agent-unknown');
  await expect(panel.alert).toContainText('The assistant does not exist any more');
  await expect(panel.alert).toContainText('Please let the owner of this website know');
  expect(panel.callId).toBe('');
});

test('a foreign website cannot frame the panel', async ({ page, panel, business, stack }) => {
  const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
  await page.goto(stack.site.foreignUrl({ key: business.key }));
  await panel.call();
  await refused;
  await expect(panel.inside.locator('[data-state]')).toHaveCount(0);
  expect(panel.callId).toBe('');
});

test('a foreign website cannot mint a call either', async ({ request, business, stack }) => {
  const response = await request.post(`${stack.url}/api/public/web-calls`, {
    headers: { origin: 'https://elsewhere.example' },
    data: { key: business.key, agent_id: 'agent_test_short' },
  });
  expect(response.status()).toBe(403);
  expect(response.headers()['content-type']).toContain('application/problem+json');
});

test('a key is given its agents by their names, and each field says what is wrong with it', async ({ desk, business, stack }) => {
  await expectAgent(business, 'agent_test_short');
  const { page } = desk;
  await page.goto(`${stack.url}/desk/settings/public-keys`);
  await page.getByRole('button', { name: 'Create public key' }).click();
  const save = page.getByRole('button', { name: 'Save' });
  const name = page.getByLabel('Name', { exact: true });
  const agents = page.getByLabel('Agents', { exact: true });
  const websites = page.getByLabel('Websites');
  const limit = page.getByLabel('Calls a minute', { exact: true });
  await save.click();
  await expect(name).toBeFocused();
  await expect(name).toHaveAccessibleDescription('Please fill this in.');
  await expect(agents).toHaveAccessibleDescription(/^Please choose at least one agent/);
  await expect(websites).toHaveAccessibleDescription(/nothing after it/);
  await expectAccessible(page);

  await name.fill('Front door');
  await expect(name).not.toHaveAttribute('aria-invalid');
  await page.getByLabel('Voice calls').uncheck();
  await limit.fill('0');
  await save.click();
  await expect(agents).toBeFocused();
  await expect(page.getByLabel('Voice calls')).toHaveAccessibleDescription('Please choose voice calls, call-backs, or both.');
  await expect(limit).toHaveAccessibleDescription('Please give a whole number above zero.');
  await agents.fill('Somebody else');
  await agents.press('Enter');
  await expect(agents).toHaveAccessibleDescription(/^Please choose one of the list/);
  await desk.addAgent('Test – short');
  await desk.addAgent('Test – long');
  // The last one goes as it came: by the keyboard.
  await agents.press('Backspace');
  await expect(page.getByRole('button', { name: 'Remove: Test – long' })).toHaveCount(0);
  await websites.fill('https://www.example.com/prices');
  await page.getByLabel('Voice calls').check();
  await limit.fill('6');
  await save.click();
  await expect(websites).toBeFocused();
  await websites.fill('https://www.example.com');
  await save.click();
  await expect(page.getByRole('row', { name: /Front door/ })).toBeVisible();
  const keys = async () => ((await business.ask('GET', '/api/desk/public-keys')) as { items: { name: string; agents: string[] }[] }).items;
  expect((await keys()).find((it) => it.name === 'Front door')?.agents).toEqual(['agent_test_short']);

  // One that is not known any more stays until somebody takes it away.
  await business.makeKey({ name: 'Back door', agents: ['agent_test_short', 'agent_of_last_year'] });
  await page.reload();
  await page.getByRole('button', { name: 'Edit Back door' }).click();
  await expect(page.getByRole('button', { name: 'Remove: agent_of_last_year' })).toBeVisible();
  await desk.addAgent('Test – long');
  await save.click();
  // The button has another name while it saves: what is gone when it is kept is the field.
  await expect(agents).toHaveCount(0);
  expect((await keys()).find((it) => it.name === 'Back door')?.agents).toEqual(['agent_test_short', 'agent_of_last_year', 'agent_test_long']);
});
