// The host page drives the call and is told about it.

import { SCRIPT } from 'switchboard-playwright';
import type { SwitchboardEventMap } from '../../public/widget.d.ts';
import { expect, test } from '../fixtures/test.ts';


interface Told {
  name: keyof SwitchboardEventMap;
  detail: Record<string, unknown> | null;
}

const LISTEN = () => {
  const told: Told[] = [];
  (window as unknown as { told: Told[] }).told = told;
  const names: (keyof SwitchboardEventMap)[] = [
    'switchboard:open',
    'switchboard:call-started',
    'switchboard:live',
    'switchboard:transcript',
    'switchboard:tool',
    'switchboard:ended',
    'switchboard:error',
  ];
  for (const name of names) {
    document.addEventListener(name, (event) => told.push({ name, detail: (event as CustomEvent).detail }));
  }
};

test('start, mute, language, end; and every event in its place', async ({ page, panel, stack }) => {
  await page.addInitScript(LISTEN);
  await panel.visitPage(
    `<switchboard-call key="KEY" variables='{"customer_name":"Ana","is_admin":"yes"}'
      metadata='{"page":"/prices"}'></switchboard-call><button>Go</button>${SCRIPT}`,
  );
  await page.evaluate(() => {
    const call = document.querySelector('switchboard-call');
    call?.setVariables({ customer_name: 'Bea' });
    call?.setMetadata({ cart: 3 });
    document.querySelector('button')?.addEventListener('click', () => call?.start());
  });
  await page.getByRole('button', { name: 'Go' }).click();
  await panel.expectState('live');
  await panel.expectAgentHeard();

  const minted = await stack.emulator.retellCall(panel.callId);
  expect(minted.retell_llm_dynamic_variables, 'only what the key allows').toEqual({ customer_name: 'Bea' });
  expect(minted.metadata).toMatchObject({ page: '/prices', cart: 3 });

  await page.evaluate(() => document.querySelector('switchboard-call')?.mute());
  await expect(panel.button('Unmute')).toBeVisible();
  await page.evaluate(() => document.querySelector('switchboard-call')?.mute(false));
  await expect(panel.button('Mute')).toBeVisible();
  await page.evaluate(() => document.querySelector('switchboard-call')?.setLanguage('de'));
  await expect(panel.button('Auflegen')).toBeVisible();
  await expect(panel.inside.locator('html')).toHaveAttribute('lang', 'de');
  await panel.expectState('live');

  const told = () => page.evaluate(() => (window as unknown as { told: Told[] }).told);
  await page.evaluate(() => document.querySelector('switchboard-call')?.end());
  await panel.expectEnded('hung-up');
  // The last words may come after it.
  await expect.poll(async () => (await told()).some((it) => it.name === 'switchboard:ended')).toBe(true);

  const all = await told();
  const first = (name: string) => all.findIndex((it) => it.name === `switchboard:${name}`);
  expect(first('open')).toBe(0);
  expect(first('call-started')).toBe(1);
  expect(all[1]?.detail).toEqual({ callId: panel.callId });
  expect(first('live')).toBeGreaterThan(1);
  expect(first('transcript')).toBeGreaterThan(1);
  expect(first('error')).toBe(-1);
  // The page was told nothing that opens a call.
  expect(JSON.stringify(all)).not.toMatch(/ticket|token|nonce/);
});

test('of a function the page is told the name alone', async ({ page, panel }) => {
  await page.addInitScript(LISTEN);
  await panel.visitPage(`<switchboard-call key="KEY" agent="agent_test_tools"></switchboard-call>${SCRIPT}`);
  await panel.call();
  // The agent hangs up after it.
  await panel.expectEnded('remote-ended');
  const told = await page.evaluate(() => (window as unknown as { told: Told[] }).told);
  const tool = told.find((it) => it.name === 'switchboard:tool')?.detail;
  expect(tool?.name).toBe('look_up');
  expect(tool?.arguments, 'how the agent works stays inside').toBe('');
});

test('what goes wrong is told with a reason and a sentence', async ({ page, panel, stack }) => {
  await stack.emulator.fault({
    match: { method: 'POST', path_prefix: '/v3/create-web-call' },
    status: 402,
    body: { status: 'error', message: 'payment required' },
  });
  await page.addInitScript(LISTEN);
  await panel.visitPage(`<switchboard-call key="KEY"></switchboard-call>${SCRIPT}`);
  await panel.call();
  await panel.expectEnded('retell-payment-required');
  const told = await page.evaluate(() => (window as unknown as { told: Told[] }).told);
  const error = told.find((it) => it.name === 'switchboard:error');
  expect(error?.detail).toMatchObject({ reason: 'retell-payment-required', message: 'Calls are not available at the moment' });
});

test('what does not change what is read leaves the transcript as it is', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const row = panel.transcript.locator('.sb-row').first();
  await row.evaluate((it) => it.setAttribute('data-same', ''));
  await page.evaluate(() => document.querySelector('switchboard-call')?.setMetadata({ cart: 4 }));
  await page.evaluate(() => document.querySelector('switchboard-call')?.setAttribute('title', 'Iris Travel'));
  await expect(panel.inside.getByRole('heading', { name: 'Iris Travel' })).toBeVisible();
  await expect(row).not.toHaveAttribute('data-same');
  await row.evaluate((it) => it.setAttribute('data-same', ''));
  await page.evaluate(() => document.querySelector('switchboard-call')?.setMetadata({ cart: 5 }));
  // Comes after it.
  await page.evaluate(() => document.querySelector('switchboard-call')?.mute());
  await expect(panel.button('Unmute')).toBeVisible();
  await expect(row).toHaveAttribute('data-same');
});

test('every text can be replaced', async ({ panel }) => {
  await panel.visitPage(
    `<switchboard-call key="KEY" label="Ring" texts='{"intro":"Ask the captain","start_call":"Ahoy"}'></switchboard-call>${SCRIPT}`,
  );
  await panel.warm();
  await expect(panel.inside.getByRole('heading', { level: 2, includeHidden: true })).toContainText(['Ask the captain']);
  await panel.open();
  await expect(panel.button('Ahoy')).toBeVisible();
});
