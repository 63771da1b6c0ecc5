// Retell refuses, fails or is gone: each has a sentence of its own.

import { Panel, Stack } from 'switchboard-playwright';
import { Demo } from '../fixtures/demo.ts';
import { expect, test } from '../fixtures/test.ts';

const CREATE = { method: 'POST', path_prefix: '/v3/create-web-call' };

async function sentence(panel: Panel, reason: string): Promise<string> {
  await panel.expectEnded(reason);
  await expect(panel.alert).not.toBeEmpty();
  expect(panel.callId).toBe('');
  return panel.alert.innerText();
}

test('400, 401, 402, 422 and 500 each say something else', async ({ panel, stack }) => {
  const sentences = new Map<string, number>();
  const reasons = {
    400: 'retell-rejected',
    401: 'retell-unauthorized',
    402: 'retell-payment-required',
    422: 'agent-unknown',
    500: 'retell-failed',
  };
  await panel.visit();
  await panel.open();
  for (const [code, reason] of Object.entries(reasons)) {
    const status = Number(code);
    await stack.emulator.fault({ match: CREATE, status, body: { status: 'error', message: `answer ${status}` } });
    await panel.button('Start call').click();
    const said = await sentence(panel, reason);
    expect(said, 'what Retell said is not for visitors').not.toContain(`answer ${status}`);
    expect(sentences.get(said), `${status} says the same: ${said}`).toBeUndefined();
    sentences.set(said, status);
    await stack.emulator.mend({});
  }
});

test('slow: the visitor is told instead of waiting for ever', async ({ panel, stack }) => {
  await stack.emulator.fault({ match: CREATE, delay_ms: 120_000 });
  await panel.visit();
  await panel.call();
  await sentence(panel, 'retell-timeout');
});

test('down: the visitor is told', async ({ page }) => {
  // Where nobody listens. A business with an account there could not be made.
  const stack = await Stack.start({ RETELL_BASE_URL: 'http://127.0.0.1:9' }, ['--demo']);
  try {
    const panel = new Panel(page, new Demo(stack));
    await panel.visit();
    await panel.call();
    await sentence(panel, 'retell-unreachable');
  } finally {
    await stack.stop();
  }
});

test('a call works as soon as Retell does again', async ({ panel, stack }) => {
  await stack.emulator.fault({ match: CREATE, status: 500, times: 1, body: { status: 'error', message: 'broken' } });
  await panel.visit();
  await panel.call();
  await sentence(panel, 'retell-failed');
  await panel.button(/Start call|Call again/).first().click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
});

test('no free line: the visitor waits for one, and is called', async ({ panel, stack }) => {
  await stack.emulator.fault({ match: CREATE, status: 429, times: 1, body: { status: 'error', message: 'busy' } });
  await panel.visit();
  await panel.call();
  await expect(panel.inside.getByRole('status').getByText('You are next in line')).toBeVisible();
  await expect(panel.alert).toBeHidden();
  await panel.expectState('live');
  await panel.expectAgentHeard();
});
