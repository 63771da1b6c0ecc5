// A website as it goes online, with the tests' server and key where it names its own.

import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { Page } from '@playwright/test';
import type { Business } from './business.ts';
import { listen, stop } from './local-server.ts';

/** What the pages of a website really name. */
export interface Production {
  /** The origin of the Switchboard, such as `https://calls.example.com`. */
  server: string;
  /** The public key, such as `pk_…`. */
  key: string;
}

/** Tells where the page's own server has it. */
const ORIGINAL = 'x-original';
/** What is true of one connection only, or not any more. */
const PASSING = ['connection', 'content-encoding', 'content-length', 'host', 'keep-alive', 'transfer-encoding', ORIGINAL];

/**
 * Has the tests' server and key stand in wherever the website's HTML, scripts and policies name
 * those it really has, until what this gives is called.
 *
 * They come through a server of ours: a browser that is given them by Playwright itself does
 * not know that they are from this machine, and lets them load nothing else from it.
 */
export async function standIn(page: Page, { server, key }: Production, business: Business): Promise<() => Promise<void>> {
  const own = (text: string) => text.replaceAll(server, business.stack.url).replaceAll(key, business.key);
  const relay = async (request: IncomingMessage, response: ServerResponse) => {
    const answer = await fetch(String(request.headers[ORIGINAL]), {
      headers: lasting(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      redirect: 'manual',
    });
    const headers = lasting([...answer.headers]).map(([name, value]) => [name, own(value)]);
    response.writeHead(answer.status, headers.flat()).end(own(await answer.text()));
  };
  const http = createServer((request, response) => {
    relay(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  const port = await listen(http);
  const elsewhere = ({ origin }: URL) => origin !== business.stack.url;
  await page.route(elsewhere, async (route) => {
    const request = route.request();
    if (request.method() !== 'GET' || !['document', 'script'].includes(request.resourceType())) return route.fallback();
    const headers = { ...(await request.allHeaders()), [ORIGINAL]: request.url() };
    await route.continue({ url: `http://127.0.0.1:${port}/`, headers });
  });
  return () => stop(http);
}

function lasting(headers: [string, string][]): [string, string][] {
  return headers.filter(([name]) => !PASSING.includes(name));
}
