// How long from the click until the call is connected, and until the agent is
// heard: our widget, and the official SDK's sequence, on the same emulator, in
// the same run, taking turns.

import { Panel } from 'switchboard-playwright';
import type { BrowserContext, Page } from '../../end2end/fixtures/test.ts';
import { expect, test } from '../../end2end/fixtures/test.ts';
import { PROBE, type Times, read } from '../probe.ts';
import { callInSequence } from '../sequence.ts';
import { median, quantile, table } from '../statistics.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 20);
const AGENT = 'agent_test_short';

test.use({ microphone: [30] });

test('click to connected, click to first agent audio', async ({ browser, demo, stack }) => {
  const fresh = async (run: (page: Page, context: BrowserContext) => Promise<Times>): Promise<Times> => {
    // A context of its own has an empty cache: every round downloads everything.
    // The microphone was allowed before: how long a person takes to answer the
    // browser's question is not ours to measure.
    const context = await browser.newContext({ permissions: ['microphone'] });
    await context.addInitScript(PROBE);
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(error));
    try {
      return await run(page, context);
    } finally {
      await context.close();
    }
  };

  const widget = (how: 'cold' | 'ready' | 'again') => () =>
    fresh(async (page) => {
      const panel = new Panel(page, demo);
      await page.goto(stack.site.url({ key: 'pk_test', agent: AGENT }));
      if (how === 'ready') {
        await panel.launcher.hover();
        await expect(panel.root).toHaveAttribute('data-state', 'idle');
      }
      await panel.launcher.click();
      const first = await read(page);
      if (how !== 'again') return first;
      await panel.expectState('live');
      await panel.button('Hang up').click();
      await panel.expectEnded();
      for (const frame of page.frames()) {
        await frame.evaluate(() => {
          const { times } = window as unknown as { times?: Record<string, number> };
          for (const name of Object.keys(times ?? {})) delete times?.[name];
        });
      }
      await panel.button('Call again').click();
      return read(page);
    });

  const sequence = () =>
    fresh(async (page) => {
      await page.goto(stack.site.url({ key: 'pk_test' }));
      await page.evaluate(
        ({ code, mint }) => {
          const button = document.createElement('button');
          button.textContent = 'Sequence';
          const call = (0, eval)(`(${code})`) as (mint: unknown) => Promise<unknown>;
          button.addEventListener('click', () => {
            call(mint).catch((error: unknown) => reportError(error));
          });
          document.body.prepend(button);
        },
        { code: callInSequence.toString(), mint: { url: stack.url, key: 'pk_test', agent: AGENT } },
      );
      await page.getByRole('button', { name: 'Sequence' }).click();
      return read(page);
    });

  const contestants: [string, () => Promise<Times>][] = [
    ['widget, first call, clicked the moment the pointer is on it', widget('cold')],
    ['widget, first call, the panel fetched while the pointer is on it', widget('ready')],
    ['widget, "Call again"', widget('again')],
    ["the official SDK's sequence, its code already loaded", sequence],
  ];
  // The first round pays for what the processes do only once.
  const results = contestants.map(() => [] as Times[]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, [, run]] of contestants.entries()) {
      const times = await run();
      if (round > 0) results[index].push(times);
    }
  }
  const column = (times: Times[], name: keyof Times) => times.map((it) => it[name]);
  table(
    [`ms from the click, ${ROUNDS} rounds`, 'connected', 'p90', 'first audio', 'p90'],
    contestants.map(([name], index) => {
      const connected = column(results[index], 'connected');
      const heard = column(results[index], 'heard');
      return [name, median(connected), quantile(connected, 0.9), median(heard), quantile(heard, 0.9)];
    }),
  );
});
