// What a page does in its life, around our button: it is typed into and scrolled, isolated,
// morphed, swapped, rendered ahead, left and restored, printed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { SCRIPT, TAG, body, listen, stop, temporaryDirectory } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

const FRAME = 'iframe[src*="/panel"]';

/** The library by which Turbo morphs. */
interface Idiomorph {
  morph(from: Element, to: Element, how: { morphStyle: 'outerHTML' }): void;
}

const element = (page: Page) => page.locator('switchboard-call');

test('neither an inline panel nor one that opens by itself takes the keyboard or moves the page', async ({ page, panel }) => {
  const field = '<input autofocus aria-label="Your name">';
  await panel.visitPage(`${field}<div style="height:120vh"></div><switchboard-call key="KEY" position="inline" style="height:500px"></switchboard-call>
     <div style="height:100vh"></div>${SCRIPT}`);
  const name = page.getByLabel('Your name');
  await panel.expectState('idle');
  await expect(panel.button('Close')).toBeHidden();
  await page.keyboard.type('Ana');
  await expect(name).toHaveValue('Ana');
  expect(await page.evaluate(() => scrollY)).toBe(0);

  await panel.visitPage(field + TAG.replace('key=', 'auto-open="true" key=') + SCRIPT);
  await panel.expectState('idle');
  await expect(page.locator(FRAME)).toBeInViewport();
  await page.keyboard.type('Bea');
  await expect(name).toHaveValue('Bea');
  // Nor does closing it take the keyboard, which was elsewhere.
  await page.evaluate(() => document.querySelector('switchboard-call')?.close());
  await expect(name).toBeFocused();
});

test('a click or a key brings the keyboard into the panel, a timer of the page does not', async ({ page, panel }) => {
  await panel.visitPage(`<input aria-label="Your name"><button onclick="document.querySelector('switchboard-call').open()">Talk to us</button>${TAG}${SCRIPT}`);
  await panel.warm();
  await page.getByLabel('Your name').focus();
  await panel.open();
  await expect(page.getByLabel('Your name')).toBeFocused();
  await page.evaluate(() => document.querySelector('switchboard-call')?.close());
  await page.getByRole('button', { name: 'Talk to us' }).press('Enter');
  await expect(panel.root).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(panel.launcher).toBeFocused();
});

for (const policy of ['require-corp', 'credentialless']) {
  test(`a page that is isolated (${policy}) shows the panel`, async ({ page, panel }) => {
    await panel.visitPage(TAG + SCRIPT.replace('type', 'crossorigin type'), {
      headers: { 'cross-origin-embedder-policy': policy, 'cross-origin-opener-policy': 'same-origin' },
    });
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await panel.warm();
  });
}

test('a page that Idiomorph makes what the server sent keeps its button, its panel and its call', async ({ page, panel, stack }) => {
  await panel.visitPage(TAG + SCRIPT);
  await page.addScriptTag({ path: resolve(import.meta.dirname, '../node_modules/idiomorph/dist/idiomorph.js') });
  const morph = () =>
    page.evaluate(async () => {
      const sent = await (await fetch(location.href)).text();
      const { body } = new DOMParser().parseFromString(sent, 'text/html');
      (window as unknown as { Idiomorph: Idiomorph }).Idiomorph.morph(document.body, body, { morphStyle: 'outerHTML' });
    });
  await panel.warm();
  await morph();
  await panel.callUntilHeard();
  await morph();
  await expect(page.locator(FRAME)).toBeInViewport({ ratio: 1 });
  const since = await panel.measure();
  await stack.emulator.say(panel.callId, 'agent', 'The page has changed around us, and we go on.');
  await panel.expectAgentHeard(since);
  await panel.expectState('live');
  await expect(page.locator('switchboard-call')).toHaveCount(1);
});

test('a page that is morphed finds nothing of ours to take away', async ({ page, panel }) => {
  await panel.visitPage(`<div style="transform:translateX(9px);overflow:hidden">${TAG.replace('key=', 'color="#fde047" key=')}</div>${SCRIPT}`);
  const before = await panel.launcher.boundingBox();
  const strip = () =>
    element(page).evaluate((it) => {
      const sent = ['key', 'color'];
      const ours = it.getAttributeNames().filter((name) => !sent.includes(name));
      for (const name of [...ours, 'style', 'popover', 'class']) it.removeAttribute(name);
      return ours;
    });
  expect(await strip()).toEqual([]);
  await panel.warm();
  await panel.open();
  expect(await strip()).toEqual([]);
  await expect(page.locator(FRAME)).toBeInViewport({ ratio: 1 });
  await expect(panel.launcher).toHaveCSS('background-color', 'rgb(253, 224, 71)');
  // Black on yellow, in whatever notation.
  await expect(panel.launcher).toHaveCSS('color', 'color(srgb-linear 0 0 0)');
  for (const [color, on] of [['oklch(0.3 0.1 260)', 1], ['oklch(0.95 0.05 100)', 0]]) {
    await element(page).evaluate((it, color) => it.setAttribute('color', color), String(color));
    await expect(panel.launcher).toHaveCSS('color', `color(srgb-linear ${on} ${on} ${on})`);
  }
  await page.evaluate(() => document.querySelector('switchboard-call')?.close());
  await page.mouse.move(0, 0);
  const after = await panel.launcher.boundingBox();
  expect([after?.x, after?.y]).toEqual([before?.x, before?.y]);
});

test('a page whose body is swapped keeps its button', async ({ page, panel, business }) => {
  const swap = (body: string) =>
    page.evaluate((html) => {
      const next = document.createElement('body');
      next.innerHTML = html;
      document.body.replaceWith(next);
    }, body);
  // Of the one-line script: no browser runs a module again.
  await panel.visitPage('<script type="module" src="SERVER/widget.js" data-key="KEY"></script>');
  await panel.warm();
  await swap('<h1>Prices</h1>');
  await expect(element(page)).toHaveCount(1);
  await panel.warm();
  // What a page takes out stays out.
  await element(page).evaluate((it) => it.remove());
  await swap('<h1>Opening hours</h1>');
  await expect(element(page)).toHaveCount(0);
  // Of the element: it stands in the next body, too.
  await swap(TAG.replace('KEY', business.key));
  await panel.warm();
});

test('a browser without constructed style sheets has the same button', async ({ page, panel }) => {
  await page.addInitScript(() => {
    delete (ShadowRoot.prototype as Partial<ShadowRoot>).adoptedStyleSheets;
  });
  await panel.visitPage(TAG + SCRIPT);
  await expect(panel.launcher).toHaveCSS('border-radius', '28px');
  await expect(panel.launcher).toBeInViewport({ ratio: 1 });
});

test("logo and terms are the page's own addresses; one that is none changes nothing", async ({ page, panel }) => {
  await page.route('https://cdn.harbour.example/**', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' }),
  );
  await panel.visitPage(TAG.replace('key=', 'logo="img/logo.svg" terms="/terms" key=') + SCRIPT, {
    head: '<base href="https://cdn.harbour.example/shop/"><meta name="referrer" content="no-referrer">',
    });
  await panel.warm();
  await expect(panel.inside.locator('.sbw-head img')).toHaveAttribute('src', 'https://cdn.harbour.example/shop/img/logo.svg');
  await panel.call();
  await expect(panel.inside.getByRole('link', { name: 'Terms and privacy' })).toHaveAttribute('href', 'https://cdn.harbour.example/terms');

  for (const logo of ['https://[', '//', 'http://a b/']) {
    await panel.visitPage(TAG.replace('key=', `logo="${logo}" consent="true" key=`) + SCRIPT);
    await panel.call();
    await expect(panel.inside.getByRole('dialog', { name: 'Before we begin' })).toBeVisible();
    await expect(panel.inside.locator('.sbw-head img')).toHaveCount(0);
  }
});

test('what scripts of the page say is taken in every spelling', async ({ page, panel }) => {
  let asked: { dynamic_variables?: unknown; metadata?: unknown } = {};
  await page.route('**/api/public/web-calls', async (route) => {
    asked = JSON.parse(route.request().postData() ?? '{}');
    await route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"type":"/problems/internal","title":"No","status":503}' });
  });
  await panel.visitPage(TAG.replace('key=', `variables='{"from":"page"}' key=`) + SCRIPT);
  await page.evaluate(() => {
    const call = document.querySelector('switchboard-call');
    call?.setVariables('{"customer_name":"Ana"}');
    call?.setVariables({ nested: { b: 1 }, nothing: null, list: [1, 2], yes: true, count: 3 });
    call?.setMetadata('{"cart":3}');
    call?.setMetadata({ when: new Date(0), act: () => 1 });
  });
  await panel.call();
  await panel.expectEnded();
  expect(asked.dynamic_variables).toEqual({ from: 'page', customer_name: 'Ana', nested: '{"b":1}', list: '[1,2]', yes: 'true', count: '3' });
  expect(asked.metadata).toEqual({ cart: 3, when: '1970-01-01T00:00:00.000Z' });
});

test('of a page that is rendered ahead nothing is fetched before it is looked at', async ({ stack, business, launchOptions }) => {
  // What the page itself says, with what it fetched: who drives a browser keeps it from rendering ahead.
  interface Said {
    ahead: boolean;
    fetched: string[];
  }
  const said: Said[] = [];
  const http = createServer(async (request, response) => {
    if (request.method === 'GET') await ahead;
    else {
      said.push(JSON.parse((await body(request)).toString()));
      http.emit('said');
    }
    response.end();
  });
  // What the page before waits for.
  const ahead = once(http, 'said');
  const port = await listen(http);
  const after = stack.site.page(
    `<script>
      const say = () => fetch('http://127.0.0.1:${port}', { method: 'POST', mode: 'no-cors', body: JSON.stringify({
        ahead: document.prerendering,
        fetched: performance.getEntriesByType('resource').map((it) => it.name).filter((it) => it.startsWith('SERVER')),
      }) });
      addEventListener('load', say);
      document.addEventListener('prerenderingchange', () => new PerformanceObserver((list) =>
        list.getEntries().some((it) => it.name.startsWith('SERVER/panel?')) && say()).observe({ type: 'resource' }));
    </script>${TAG.replace('key=', 'auto-open="true" popup="Questions?" popup-after="0" key=')}${SCRIPT}`.replaceAll('KEY', business.key),
  );
  const before = stack.site.page(
    `<script type="speculationrules">{"prerender": [{"urls": ["${after}"], "eagerness": "immediate"}]}</script>
     <script>fetch('http://127.0.0.1:${port}', { mode: 'no-cors' }).then(() => location.assign('${after}'))</script>`,
  );
  const directory = await temporaryDirectory();
  const args = ['--headless', '--no-sandbox', '--disable-background-networking', '--remote-debugging-port=0', `--user-data-dir=${directory.path}`];
  // In a group of its own, of which all end together: Debian's program is a script that starts it.
  const browser = spawn(launchOptions.executablePath ?? '', [...args, before], { stdio: 'ignore', detached: true });
  const gone = once(browser, 'exit');
  try {
    await expect.poll(() => said.length, { message: 'the page is looked at' }).toBeGreaterThan(1);
    expect(said[0]).toEqual({ ahead: true, fetched: [`${stack.url}/widget.js`] });
    expect(said[1].ahead).toBe(false);
  } finally {
    process.kill(-(browser.pid ?? 0), 'SIGKILL');
    await Promise.all([gone, stop(http)]);
    await directory.remove();
  }
});

test('only a page that is left in a call remembers it, and not once it is restored', async ({ page, panel, business }) => {
  await panel.visitPage(TAG + SCRIPT);
  await panel.call();
  await panel.expectState('live');
  const kept = () => page.evaluate(() => sessionStorage.getItem('switchboard-call'));
  // A tab that is duplicated now has nothing to speak of.
  expect(await kept()).toBeNull();
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  expect(await kept()).toBe(business.key);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  expect(await kept()).toBeNull();
  await page.reload();
  await expect(panel.inside.getByText('The page was reloaded, which ended your call')).toBeVisible();
  expect(await kept()).toBeNull();
});

test('a call that ends with its element is told to have ended', async ({ page, panel }) => {
  for (const end of ['remove', 'another key'] as const) {
    await panel.visitPage(TAG + SCRIPT);
    await panel.call();
    await panel.expectState('live');
    const told = page.evaluate((end) => {
      const call = document.querySelector('switchboard-call');
      const ended = new Promise((done) => call?.addEventListener('switchboard:ended', ({ detail }) => done(detail.reason), { once: true }));
      if (end === 'remove') call?.remove();
      else call?.setAttribute('key', 'pk_another');
      return ended;
    }, end);
    expect(await told).toBe('removed');
  }
});

test('a hint at the button is for who has not come near it, and can be dismissed', async ({ page, panel }) => {
  await page.clock.install();
  const hint = page.getByRole('button', { name: 'Questions?' });
  const visit = () => panel.visitPage(TAG.replace('key=', 'popup="Questions?" key=') + SCRIPT);
  await visit();
  await page.clock.fastForward(6_000);
  await expect(hint).toBeVisible();
  await hint.focus();
  await page.keyboard.press('Escape');
  await expect(hint).toBeHidden();

  await visit();
  await panel.launcher.hover();
  await page.clock.fastForward(6_000);
  await expect(hint).toBeHidden();
});

test('a panel that has grown old is fetched anew, and the page is not', async ({ page, panel }) => {
  let fetched = 0;
  page.on('request', (request) => void (fetched += Number(new URL(request.url()).pathname === '/panel')));
  const later = () => page.evaluate(() => void (Date.now = () => 1e15 + performance.now()));
  await panel.visitPage(TAG + SCRIPT);
  await panel.warm();
  await later();
  await panel.open();
  expect(fetched).toBe(2);

  // One that is part of the page learns it from the server.
  await panel.visitPage(TAG.replace('key=', 'position="inline" style="height:500px" key=') + SCRIPT);
  await panel.expectState('idle');
  await later();
  let refused = false;
  await page.route('**/api/public/web-calls', async (route) => {
    if (refused) return route.continue();
    refused = true;
    await route.fulfill({ status: 403, contentType: 'application/problem+json', body: '{"type":"/problems/nonce-invalid","title":"Old","status":403}' });
  });
  await panel.button('Start call').click();
  await panel.expectState('live');
  expect(fetched).toBe(4);
});

test('a dialog of the page that keeps the keyboard leaves it to the panel', async ({ page, panel }) => {
  // As the dialogs of component libraries do it.
  const trap = `<div id="dialog"><input aria-label="Your name"></div><script>
    const dialog = document.getElementById('dialog');
    document.addEventListener('focusin', (event) => dialog.contains(event.target) || dialog.querySelector('input').focus());
    document.body.style.pointerEvents = 'none';
  </script>`;
  await panel.visitPage(trap + TAG.replace('key=', 'consent="true" key=') + SCRIPT);
  await page.getByLabel('Your name').focus();
  await panel.call();
  await panel.inside.getByRole('checkbox', { name: 'I agree' }).press('Space');
  await expect(panel.inside.getByRole('checkbox', { name: 'I agree' })).toBeChecked();

  // Who makes everything else inert has us, too, as can be seen; and gives us back.
  await element(page).evaluate((it) => it.toggleAttribute('inert', true));
  await expect(page.locator(FRAME)).toBeVisible();
  await expect(page.locator('switchboard-call section')).toHaveCSS('opacity', '0.5');
  await element(page).evaluate((it) => it.toggleAttribute('inert', false));
  await panel.inside.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.inside.getByRole('dialog')).toBeHidden();
});

test('in every medium', async ({ page, panel }) => {
  await panel.visitPage(TAG + SCRIPT);
  await expect(panel.launcher).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(panel.launcher).toBeHidden();
  await page.emulateMedia({ media: 'screen', forcedColors: 'active', reducedMotion: 'reduce' });
  // Its background is gone: an outline shows where it ends.
  await expect(panel.launcher).toHaveCSS('outline-style', 'solid');
  expect(await panel.launcher.evaluate((it) => getComputedStyle(it).outlineColor)).not.toBe('rgba(0, 0, 0, 0)');
  await expect(page.locator('switchboard-call section > dialog')).toHaveCSS('transition-duration', '0s');
});
