// The desk while much goes on: how soon what was said is read, what fifty live calls cost the page
// that lists them, and what an hour of them leaves in its memory.

import { API_KEY, type Business } from 'switchboard-playwright';
import { ring } from '../../end2end/fixtures/notices.ts';
import { type Page, expect, test } from '../../end2end/fixtures/test.ts';
import { quantile, table } from '../statistics.ts';

const CALLS = 50;
/** Sentences that are timed. */
const SENTENCES = Number(process.env.SENTENCES ?? 40);
/** How long frames are counted (ms). */
const SPAN_MS = 10_000;
/** How often an hour changes its calls: each lasts six minutes and is changed every two seconds. */
const ROUNDS = Number(process.env.ROUNDS ?? 10);
const CHANGES = 180;
/** Fifty events at once are more than a business's share: they are worked off one after the other. */
const SLOW = { timeout: 60_000 };

test('from spoken to shown', async ({ desk, business, browser }) => {
  const call = await ring(business, await business.addNumber('agent_test_silent'));
  await desk.open();
  await desk.openCall(call);
  await expect(desk.transcript).toBeVisible();
  await desk.page.evaluate(NOTE_SHOWN);
  // Another watcher of the same call notes when Retell told it: on the same clock, by the same browser.
  const context = await browser.newContext();
  const watcher = await context.newPage();
  await watcher.goto(`${business.emulator.url}/_emulator/requests`);
  await watcher.evaluate(NOTE_TOLD, { url: business.emulator.url.replace('http', 'ws'), call, key: API_KEY });

  const took: number[] = [];
  for (let nth = 0; nth <= SENTENCES; nth++) {
    const sentence = `This is sentence number ${nth} of them.`;
    await business.emulator.say(call, 'agent', sentence);
    const at = (page: Page) =>
      page
        .waitForFunction((text) => (window as unknown as Noted).noted.find((it) => it.text.includes(text))?.at, sentence)
        .then((found) => found.jsonValue() as Promise<number>);
    const [told, shown] = [await at(watcher), await at(desk.page)];
    // The first pays for what happens once.
    if (nth > 0) took.push(shown - told);
  }
  await context.close();
  table(
    [`ms from told by Retell to shown, ${SENTENCES} sentences`, 'p50', 'p95', 'longest'],
    [['transcript of a live call', ...[0.5, 0.95, 1].map((share) => quantile(took, share).toFixed(1))]],
  );
});

test('fifty live calls that change', async ({ desk, business }) => {
  const calls = await begin(business);
  await watchMemory(desk.page);
  await desk.open();
  await expect(desk.navigation).toContainText(`${CALLS} Live`, SLOW);
  const rows: (string | number)[][] = [];
  for (const aSecond of [0, 10, 50]) {
    const frames = desk.page.evaluate(COUNT_FRAMES, SPAN_MS);
    const changed = await change(business, calls, aSecond, SPAN_MS);
    const { count, longest, worked } = await frames;
    rows.push([
      `${(changed / (SPAN_MS / 1_000)).toFixed(0)} changes a second`,
      (count / (SPAN_MS / 1_000)).toFixed(1),
      longest.toFixed(1),
      `${((worked / SPAN_MS) * 100).toFixed(1)} %`,
      ...(await memory(desk.page)),
    ]);
  }
  table([`${CALLS} live calls`, 'frames/s', 'longest ms', 'main thread', 'heap MiB', 'wasm MiB', 'nodes', 'listeners'], rows);
});

test('an hour of fifty calls', async ({ desk, business }) => {
  test.setTimeout(1_800_000);
  const { page } = desk;
  await watchMemory(page);
  await desk.open();
  const rows: (string | number)[][] = [];
  const heaps: number[] = [];
  const note = async (what: string) => {
    const now = await memory(page);
    heaps.push(Number(now[0]));
    rows.push([what, ...now]);
  };
  for (let round = 1; round <= ROUNDS; round++) {
    const calls = await begin(business);
    await expect(desk.navigation).toContainText(`${CALLS} Live`, SLOW);
    for (let nth = 0; nth < CHANGES; nth++) await mark(business, calls[nth % CALLS], nth >= CALLS && nth % (2 * CALLS) < CALLS);
    // Somebody reads one of them along, and goes back.
    await desk.openCall(calls[0]);
    await business.emulator.say(calls[0], 'agent', `Hello from round ${round}.`);
    await expect(desk.transcript).toContainText(`Hello from round ${round}.`);
    await page.goBack();
    await Promise.all(calls.map((call) => business.emulator.end(call, 'user_hangup')));
    await expect(desk.navigation).not.toContainText('Live', SLOW);
    await note(`${round * CALLS} calls came and went`);
  }
  const settled = heaps.slice(Math.min(2, heaps.length - 1));
  const slope = ((settled[settled.length - 1] - settled[0]) / Math.max(1, settled.length - 1)) * 1_024;
  table([`${ROUNDS} rounds of ${CALLS} calls, after forced collections`, 'heap MiB', 'wasm MiB', 'nodes', 'listeners'], rows);
  console.log(`${(slope / CALLS).toFixed(1)} KiB of heap a call, from the third round on\n`);
});

interface Noted {
  noted: { text: string; at: number }[];
}

/** In the desk: notes every text of the transcript, and since when it stands there. */
const NOTE_SHOWN = () => {
  const log = document.querySelector('[role=log]') as Element;
  const noted: Noted['noted'] = [];
  Object.assign(window, { noted });
  const look = () => noted.push({ text: log.textContent ?? '', at: performance.timeOrigin + performance.now() });
  new MutationObserver(look).observe(log, { subtree: true, childList: true, characterData: true });
};

/** Elsewhere: notes what the monitor tells, and when. */
const NOTE_TOLD = ({ url, call, key }: { url: string; call: string; key: string }) => {
  const noted: Noted['noted'] = [];
  Object.assign(window, { noted });
  const socket = new WebSocket(`${url}/v2/monitor-call/${call}`, ['bearer', key]);
  socket.onmessage = ({ data }) => noted.push({ text: String(data), at: performance.timeOrigin + performance.now() });
  return new Promise((resolve) => (socket.onopen = resolve));
};

/** Counts frames, the longest wait for one, and how long the main thread had tasks of more than 50 ms. */
const COUNT_FRAMES = (span: number) =>
  new Promise<{ count: number; longest: number; worked: number }>((resolve) => {
    const began = performance.now();
    let [count, longest, last, worked] = [0, 0, began, 0];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) worked += duration;
    });
    observer.observe({ type: 'longtask' });
    const look = (now: number) => {
      count += 1;
      longest = Math.max(longest, now - last);
      last = now;
      if (now - began < span) return requestAnimationFrame(look);
      observer.disconnect();
      return resolve({ count, longest, worked });
    };
    requestAnimationFrame(look);
  });

/** As many calls as are looked at, all of them going on. */
async function begin(business: Business): Promise<string[]> {
  const number = await business.addNumber('agent_test_silent');
  return Promise.all(Array.from({ length: CALLS }, () => ring(business, number)));
}

/** Somebody claims a call, or lets go of it: every desk is told. */
const mark = (business: Business, call: string, release: boolean) =>
  business.ask(release ? 'DELETE' : 'PUT', `/api/desk/calls/${call}/claim`, release ? undefined : {});

/** Changes calls so often a second, and gives how often that was. */
async function change(business: Business, calls: string[], aSecond: number, span: number): Promise<number> {
  const began = Date.now();
  let changed = 0;
  while (Date.now() - began < span) {
    const due = (began + (changed * 1_000) / aSecond || Number.POSITIVE_INFINITY) - Date.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(due, began + span - Date.now()))));
    if (aSecond === 0 || Date.now() - began >= span) continue;
    await mark(business, calls[changed % CALLS], changed % (2 * CALLS) >= CALLS);
    changed += 1;
  }
  return changed;
}

/** Has the page remember the memory of its program, from the next page on. */
async function watchMemory(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { instantiateStreaming } = WebAssembly;
    WebAssembly.instantiateStreaming = async (...given) => {
      const made = await instantiateStreaming(...given);
      const { memory } = made.instance.exports;
      if (memory instanceof WebAssembly.Memory) Object.assign(window, { wasmMemory: memory });
      return made;
    };
  });
}

/** After a forced collection: the page's heap, the memory of its program, and what there is in the page. */
async function memory(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const counts = await devtools.send('Memory.getDOMCounters');
  await devtools.detach();
  const wasm = await page.evaluate(() => (window as unknown as { wasmMemory: WebAssembly.Memory }).wasmMemory.buffer.byteLength);
  const mib = (bytes: number) => (bytes / 1_048_576).toFixed(2);
  return [mib(usedSize), mib(wasm), String(counts.nodes), String(counts.jsEventListeners)];
}
