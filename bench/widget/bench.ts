// What a call widget costs the page it is in before anybody calls, and what
// comes until the agent is heard: ours, the peers' embeds from npm and the
// official SDK's sequence, on the same page, in the same run, under the same
// shaping of network and processor.

import { type Server, createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { brotliCompressSync } from 'node:zlib';
import { Panel } from 'switchboard-playwright';
import type { BrowserContext, Page } from '../../end2end/fixtures/test.ts';
import { expect, test } from '../../end2end/fixtures/test.ts';
import { score } from '../lighthouse.ts';
import { PROBE, type Times, read } from '../probe.ts';
import { callInSequence } from '../sequence.ts';
import { median, quantile, table } from '../statistics.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);

/** Lighthouse's mobile profile: slow 4G, a processor four times slower. */
const SHAPE = { latency: 150, downloadThroughput: (1_600 * 1024) / 8, uploadThroughput: (750 * 1024) / 8, cpu: 4 };
/** How long a page is watched, in ms: long enough for every embed to settle. */
const WATCH_MS = 8_000;

/** The official browser SDK 2.0.8, bundled, minified and compressed with brotli. */
const SDK_BYTES = 126_441;

// The frame of our panel is slowed down with the page it is in.
test.use({ microphone: [30], oneProcess: true });

const modules = resolve(import.meta.dirname, '../node_modules');
const PEERS = {
  elevenlabs: '@elevenlabs/convai-widget-embed/dist/index.js',
  vapi: '@vapi-ai/client-sdk-react/dist/embed/widget.umd.js',
};

/** A page with the text, table and form of a small business's. */
const page = (embed: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Harbour Books</title>
<style>body{font:16px/1.5 sans-serif;margin:2rem auto;max-width:60rem}</style></head><body><main><h1>Harbour Books</h1>
${'<section><h2>New in</h2><p>A bookshop by the sea, with a table by the window and the kettle on.</p></section>'.repeat(30)}</main>${embed}</body></html>`;

/** The website: its pages, and the peers' files, compressed as ours are. */
async function website(serverUrl: string): Promise<{ http: Server; url: string }> {
  const files = new Map<string, Buffer>();
  for (const [name, path] of Object.entries(PEERS)) files.set(`/${name}.js`, brotliCompressSync(await readFile(resolve(modules, path))));
  // As long as the SDK is on the wire, and kind to it: nothing to parse or run.
  files.set('/sdk.js', Buffer.from(`//${randomBytes(SDK_BYTES).toString('base64').slice(0, SDK_BYTES - 2)}`));
  const embeds: Record<string, string> = {
    '/none': '',
    '/sdk': '<button>Sequence</button><script type="module" src="/sdk.js"></script>',
    '/sdk-later': '<button>Sequence</button>',
    '/ours': `<switchboard-call key="pk_test" agent="agent_test_short"></switchboard-call><script type="module" src="${serverUrl}/widget.js"></script>`,
    '/elevenlabs': '<elevenlabs-convai agent-id="agent_of_nobody"></elevenlabs-convai><script src="/elevenlabs.js" async></script>',
    '/vapi': '<vapi-widget public-key="key_of_nobody" assistant-id="assistant_of_nobody" mode="voice"></vapi-widget><script src="/vapi.js" async></script>',
  };
  const http = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname;
    const file = files.get(path);
    if (file !== undefined) {
      const encoding = path === '/sdk.js' ? {} : { 'content-encoding': 'br' };
      response.writeHead(200, { 'content-type': 'text/javascript', ...encoding }).end(file);
    } else if (path in embeds) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(embeds[path]));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { http, url: `http://localhost:${address.port}` };
}

type Session = Awaited<ReturnType<BrowserContext['newCDPSession']>>;

async function shape(cdp: Session): Promise<void> {
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, ...SHAPE });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SHAPE.cpu });
}

interface Seen {
  fcp: number;
  lcp: number;
  shift: number;
  /** Tasks longer than 50 ms: when they began, and how long they took. */
  tasks: [number, number][];
}

const WATCH = () => {
  const seen: Seen = { fcp: 0, lcp: 0, shift: 0, tasks: [] };
  (window as unknown as { seen: Seen }).seen = seen;
  const watch = (type: string, note: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch('paint', ({ name, startTime }) => name === 'first-contentful-paint' && (seen.fcp = startTime));
  watch('largest-contentful-paint', ({ startTime }) => (seen.lcp = startTime));
  watch('layout-shift', (entry) => (seen.shift += (entry as unknown as { value: number }).value));
  watch('longtask', ({ startTime, duration }) => seen.tasks.push([startTime, duration]));
};

/** What has come over the network since it was asked to count. */
interface Traffic {
  requests: number;
  bytes: number;
  /** Origins besides the page's and the widget's own that were asked. */
  others: Set<string>;
}

async function slow(context: BrowserContext, tab: Page, own: string[]): Promise<{ cdp: Session; traffic: Traffic }> {
  const cdp = await context.newCDPSession(tab);
  await shape(cdp);
  const traffic: Traffic = { requests: 0, bytes: 0, others: new Set() };
  cdp.on('Network.requestWillBeSent', ({ request }) => {
    if (!/^https?:/.test(request.url) || request.url.endsWith('/favicon.ico')) return;
    traffic.requests += 1;
    const { origin } = new URL(request.url);
    if (!own.includes(origin)) traffic.others.add(origin);
  });
  cdp.on('Network.loadingFinished', ({ encodedDataLength }) => (traffic.bytes += encodedDataLength));
  return { cdp, traffic };
}

interface Cost {
  requests: number;
  bytes: number;
  others: number;
  main: number;
  blocking: number;
  shift: number;
  fcp: number;
  lcp: number;
  score: number;
}

async function cost(context: BrowserContext, url: string, own: string[]): Promise<Cost> {
  await context.addInitScript(WATCH);
  const tab = await context.newPage();
  const { cdp, traffic } = await slow(context, tab, own);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  await tab.goto(url);
  await tab.waitForTimeout(WATCH_MS);
  const { metrics } = await cdp.send('Performance.getMetrics');
  const main = 1_000 * (metrics.find((it) => it.name === 'TaskDuration')?.value ?? 0);
  const { fcp, lcp, shift, tasks } = await tab.evaluate(() => (window as unknown as { seen: Seen }).seen);
  // As Lighthouse counts: what comes before the first paint blocks nobody.
  const blocking = tasks.filter(([start]) => start >= fcp).reduce((sum, [, duration]) => sum + duration - 50, 0);
  return {
    requests: traffic.requests,
    bytes: traffic.bytes,
    others: traffic.others.size,
    main,
    blocking,
    shift,
    fcp,
    lcp,
    score: score({ fcp, lcp, tbt: blocking, cls: shift }),
  };
}

test('what the page pays before the visitor shows intent', async ({ browser, stack }) => {
  test.setTimeout(0);
  const site = await website(stack.url);
  const own = [site.url, stack.url];
  const names = {
    none: 'the page alone',
    ours: 'Switchboard',
    elevenlabs: '@elevenlabs/convai-widget-embed 0.5.4',
    vapi: '@vapi-ai/client-sdk-react 0.1.1 embed',
  };
  const results = new Map<string, Cost[]>(Object.keys(names).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, found] of results) {
      const context = await browser.newContext();
      const paid = await cost(context, `${site.url}/${name}`, own);
      // The first round warms the machine.
      if (round > 0) found.push(paid);
      await context.close();
    }
  }
  site.http.close();
  const of = (name: string, what: keyof Cost) => median((results.get(name) ?? []).map((it) => it[what]));
  const beyond = (name: string, what: keyof Cost) => of(name, what) - (name === 'none' ? 0 : of('none', what));
  table(
    [`median of ${ROUNDS} loads, beyond the page alone`, 'requests', 'KB', 'other origins', 'main thread ms', 'TBT ms', 'CLS', 'FCP ms', 'LCP ms', 'score of the page'],
    Object.entries(names).map(([name, title]) => [
      title,
      beyond(name, 'requests'),
      (beyond(name, 'bytes') / 1024).toFixed(1),
      of(name, 'others'),
      beyond(name, 'main'),
      beyond(name, 'blocking'),
      of(name, 'shift').toFixed(3),
      of(name, 'fcp'),
      of(name, 'lcp'),
      of(name, 'score').toFixed(1),
    ]),
  );
});

interface Call extends Times {
  requests: number;
  bytes: number;
}

test('what comes until the agent is heard', async ({ browser, demo, stack }) => {
  test.setTimeout(0);
  const site = await website(stack.url);
  const gateway = stack.emulator.url;

  const measured = async (path: string, act: (page: Page) => Promise<void>): Promise<Call> => {
    const context = await browser.newContext({ permissions: ['microphone'] });
    try {
      await context.addInitScript(PROBE);
      const tab = await context.newPage();
      tab.on('pageerror', (error) => console.error(error));
      const { traffic } = await slow(context, tab, [site.url, stack.url, gateway]);
      await tab.goto(`${site.url}${path}`, { waitUntil: 'networkidle' });
      await act(tab);
      return { ...(await read(tab)), requests: traffic.requests, bytes: traffic.bytes };
    } finally {
      await context.close();
    }
  };
  const widget = (fetched: boolean) => () =>
    measured('/ours', async (page) => {
      const panel = new Panel(page, demo);
      if (fetched) {
        await panel.launcher.hover();
        await expect(panel.root).toHaveAttribute('data-state', 'idle', { timeout: 30_000 });
      }
      await panel.launcher.click();
    });
  const sequence = (path: string) => () =>
    measured(path, async (page) => {
      await page.evaluate(
        ({ code, mint, later }) => {
          const call = (0, eval)(`(${code})`) as (mint: unknown) => Promise<unknown>;
          document.querySelector('button')?.addEventListener('click', () => {
            const sdk = later ? import(new URL('/sdk.js', location.href).href) : Promise.resolve();
            sdk.then(() => call(mint)).catch((error: unknown) => reportError(error));
          });
        },
        { code: callInSequence.toString(), mint: { url: stack.url, key: 'pk_test', agent: 'agent_test_short' }, later: path === '/sdk-later' },
      );
      await page.getByRole('button', { name: 'Sequence' }).click();
    });
  const contestants: [string, () => Promise<Call>][] = [
    ['Switchboard, its panel fetched while the pointer is on the button', widget(true)],
    ["the official SDK's sequence, its code loaded with the page", sequence('/sdk')],
    ['Switchboard, nothing fetched before the click', widget(false)],
    ["the official SDK's sequence, its code loaded on the click", sequence('/sdk-later')],
  ];
  const results = contestants.map(() => [] as Call[]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, [, run]] of contestants.entries()) {
      const call = await run();
      if (round > 0) results[index].push(call);
    }
  }
  site.http.close();
  const column = (index: number, what: keyof Call) => results[index].map((it) => it[what]);
  table(
    [`median of ${ROUNDS} calls; ms from the click`, 'requests', 'KB, page and all', 'connected', 'first audio', 'p90'],
    contestants.map(([name], index) => [
      name,
      median(column(index, 'requests')),
      (median(column(index, 'bytes')) / 1024).toFixed(1),
      median(column(index, 'connected')),
      median(column(index, 'heard')),
      quantile(column(index, 'heard'), 0.9),
    ]),
  );
});
