// What a call widget costs the page it is in before anybody calls: ours, and
// the peers' embeds from npm, on the same page, in the same run, under the same
// shaping of network and processor.

import { type Server, createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { BrowserContext } from '../../end2end/fixtures/test.ts';
import { test } from '../../end2end/fixtures/test.ts';
import { median, table } from '../statistics.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);

/** Lighthouse's mobile profile: slow 4G, a processor four times slower. */
const SHAPE = { latency: 150, downloadThroughput: (1_600 * 1024) / 8, uploadThroughput: (750 * 1024) / 8, cpu: 4 };
/** How long a page is watched, in ms: long enough for every embed to settle. */
const WATCH_MS = 8_000;

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
  const embeds: Record<string, string> = {
    '/none': '',
    '/ours': `<switchboard-call key="pk_test" agent="agent_test_short"></switchboard-call><script type="module" src="${serverUrl}/widget.js"></script>`,
    '/elevenlabs': '<elevenlabs-convai agent-id="agent_of_nobody"></elevenlabs-convai><script src="/elevenlabs.js" async></script>',
    '/vapi': '<vapi-widget public-key="key_of_nobody" assistant-id="assistant_of_nobody" mode="voice"></vapi-widget><script src="/vapi.js" async></script>',
  };
  const http = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname;
    const file = files.get(path);
    if (file !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript', 'content-encoding': 'br' }).end(file);
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

const WATCH = () => {
  const seen = { shift: 0, blocking: 0 };
  (window as unknown as { seen: typeof seen }).seen = seen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.blocking += Math.max(0, entry.duration - 50);
  }).observe({ type: 'longtask', buffered: true });
};

interface Cost {
  requests: number;
  bytes: number;
  /** Origins besides the page's and the widget's own that were asked. */
  others: number;
  main: number;
  blocking: number;
  shift: number;
}

async function cost(context: BrowserContext, url: string, own: string[]): Promise<Cost> {
  await context.addInitScript(WATCH);
  const tab = await context.newPage();
  const cdp = await context.newCDPSession(tab);
  await shape(cdp);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const result: Cost = { requests: 0, bytes: 0, others: 0, main: 0, blocking: 0, shift: 0 };
  const others = new Set<string>();
  cdp.on('Network.requestWillBeSent', ({ request }) => {
    if (!/^https?:/.test(request.url) || request.url.endsWith('/favicon.ico')) return;
    result.requests += 1;
    const { origin } = new URL(request.url);
    if (!own.includes(origin)) others.add(origin);
  });
  cdp.on('Network.loadingFinished', ({ encodedDataLength }) => (result.bytes += encodedDataLength));
  await tab.goto(url);
  await tab.waitForTimeout(WATCH_MS);
  const { metrics } = await cdp.send('Performance.getMetrics');
  result.main = 1_000 * (metrics.find((it) => it.name === 'TaskDuration')?.value ?? 0);
  const seen = await tab.evaluate(() => (window as unknown as { seen: { shift: number; blocking: number } }).seen);
  return { ...result, others: others.size, blocking: seen.blocking, shift: seen.shift };
}

test('what the page pays before the visitor shows intent', async ({ browser, stack }) => {
  const site = await website(stack.url);
  const own = [site.url, stack.url];
  const names = ['none', 'ours', 'elevenlabs', 'vapi'];
  const results = new Map<string, Cost[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of names) {
      const context = await browser.newContext();
      const found = await cost(context, `${site.url}/${name}`, own);
      // The first round warms the machine.
      if (round > 0) results.get(name)?.push(found);
      await context.close();
    }
  }
  site.http.close();
  const of = (name: string, what: keyof Cost) => median((results.get(name) ?? []).map((it) => it[what]));
  table(
    [`median of ${ROUNDS} loads, beyond the bare page`, 'requests', 'KB', 'other origins', 'main thread ms', 'blocking ms', 'CLS'],
    names.slice(1).map((name) => [
      { ours: 'Switchboard', elevenlabs: '@elevenlabs/convai-widget-embed 0.5.4', vapi: '@vapi-ai/client-sdk-react 0.1.1 embed' }[name] ?? name,
      of(name, 'requests') - of('none', 'requests'),
      ((of(name, 'bytes') - of('none', 'bytes')) / 1024).toFixed(1),
      of(name, 'others'),
      of(name, 'main') - of('none', 'main'),
      of(name, 'blocking') - of('none', 'blocking'),
      of(name, 'shift').toFixed(3),
    ]),
  );
});
