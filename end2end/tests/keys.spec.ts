// Who may embed the widget, and with which key.

import type { Panel } from 'switchboard-playwright';
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
