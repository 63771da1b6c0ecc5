// Resident memory of the server and of the local Retell, at rest and with
// twenty live calls, each with one reader of its transcript.

import { readFile } from 'node:fs/promises';
import { expect, test } from '../../end2end/fixtures/test.ts';
import { callInSequence } from '../sequence.ts';
import { table } from '../statistics.ts';

const CALLS = 20;

async function resident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

test.use({ microphone: [1, 'hello', 3] });

test('resident memory', async ({ page, stack }) => {
  const measure = async () => {
    const { server, emulator } = stack.processIds;
    return [await resident(server), await resident(emulator)];
  };
  const idle = await measure();

  await page.goto(stack.site.url({ key: 'pk_test' }));
  const calls = await page.evaluate(
    async ({ code, mint, count }) => {
      const call = (0, eval)(`(${code})`) as typeof callInSequence;
      return Promise.all(Array.from({ length: count }, () => call(mint)));
    },
    {
      code: callInSequence.toString(),
      mint: { url: stack.url, key: 'pk_test', agent: 'agent_test_long' },
      count: CALLS,
    },
  );
  const done = new AbortController();
  const received = await Promise.all(
    calls.map(async ({ call_id, ticket }) => {
      const address = `${stack.url}/api/public/web-calls/${call_id}/events`;
      const headers = { authorization: `Bearer ${ticket}` };
      const stream = await fetch(address, { headers, signal: done.signal });
      const count = { events: 0 };
      void (async () => {
        const decoder = new TextDecoder();
        for await (const chunk of stream.body as unknown as AsyncIterable<Uint8Array>) {
          count.events += decoder.decode(chunk, { stream: true }).split('\n\n').length - 1;
        }
      })().catch(() => undefined);
      return count;
    }),
  );
  // Every call speaks and every reader reads.
  await expect.poll(() => Math.min(...received.map((it) => it.events)), { timeout: 60_000 }).toBeGreaterThan(10);
  const states = await Promise.all(calls.map(({ call_id }) => stack.emulator.call(call_id)));
  expect(states.filter((it) => it.call_status === 'ongoing')).toHaveLength(CALLS);
  const busy = await measure();
  done.abort();

  table(
    ['MiB resident', 'server', 'emulator'],
    [
      ['at rest', ...idle.map((it) => it.toFixed(1))],
      [`${CALLS} live calls, one reader each`, ...busy.map((it) => it.toFixed(1))],
    ],
  );
});
