// Who may embed the widget, and with which key.

import { expect, test } from '../fixtures/test.ts';

test('an unknown key says so', async ({ page, panel, stack }) => {
  const page404 = await page.request.get(`${stack.url}/panel?key=pk_unknown`);
  expect(page404.status()).toBe(404);
  await page.goto(stack.site.url({ key: 'pk_unknown' }));
  await panel.call();
  await expect(panel.inside.locator('body')).toContainText(/key/i);
  expect(panel.callId).toBe('');
});

test('a disabled key says so', async ({ page, panel, stack }) => {
  const page403 = await page.request.get(`${stack.url}/panel?key=pk_disabled`);
  expect(page403.status()).toBe(403);
  await page.goto(stack.site.url({ key: 'pk_disabled' }));
  await panel.call();
  await expect(panel.inside.locator('body')).not.toBeEmpty();
  expect(panel.callId).toBe('');
});

test('an agent the key may not use says so', async ({ page, panel, stack }) => {
  await page.goto(stack.site.url({ key: 'pk_test', agent: 'agent_of_somebody_else' }));
  await panel.call();
  await expect(panel.inside.locator('body')).toContainText(/agent|assistant|available/i);
  expect(panel.callId).toBe('');
});

test('a foreign website cannot frame the panel', async ({ page, panel, stack }) => {
  const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
  await page.goto(stack.site.foreignUrl({ key: 'pk_test' }));
  await panel.call();
  await refused;
  await expect(panel.inside.locator('[data-state]')).toHaveCount(0);
  expect(panel.callId).toBe('');
});

test('a foreign website cannot mint a call either', async ({ request, stack }) => {
  const response = await request.post(`${stack.url}/api/public/web-calls`, {
    headers: { origin: 'https://elsewhere.example' },
    data: { key: 'pk_test', agent_id: 'agent_test_short' },
  });
  expect(response.status()).toBe(403);
  expect(response.headers()['content-type']).toContain('application/problem+json');
});
