// However the script comes into a page there is one button; where there cannot be one,
// or it cannot call, the console says in one sentence what to do.

import type { Page } from '@playwright/test';
import { FOREIGN_HOST, SCRIPT, TAG } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

const ONE_LINE = '<script type="module" src="SERVER/widget.js" data-key="KEY"></script>';

/** What a consent tool waits with, and how it sets it free. */
const WAITING = (src: string) => `<script id="waiting" type="text/plain" data-category="functional" ${src}></script>`;
const CLONE = (after: string) => `<script>
  const waiting = document.getElementById('waiting');
  const clone = document.createElement('script');
  for (const { name, value } of waiting.attributes) clone.setAttribute(name, value);
  clone.type = 'module';
  ${after}
</script>`;

const WAYS: Record<string, { head?: string; body?: string }> = {
  'in the head, before there is a body': { head: ONE_LINE.replace('type', 'async type') },
  'put into the head by a loader': {
    head: `<script>const it = document.createElement('script'); it.type = 'module'; it.src = 'SERVER/widget.js';
      it.dataset.key = 'KEY'; document.head.append(it)</script>`,
  },
  'as a classic script': { body: '<script src="SERVER/widget.js" data-key="KEY"></script>' },
  'as an address alone, which is all a tag manager keeps': { body: '<script src="SERVER/widget.js?key=KEY"></script>' },
  'with a version in its address and an optimiser told to leave it': {
    body: '<script data-cfasync="false" type="module" src="SERVER/widget.js?ver=6.8.1" data-key="KEY"></script>',
  },
  'freed by a consent tool, in the place of what waited': {
    body: WAITING('src="SERVER/widget.js" data-key="KEY"') + CLONE('waiting.replaceWith(clone)'),
  },
  'freed by a consent tool and taken out at once': {
    body: WAITING('src="SERVER/widget.js" data-key="KEY"') + CLONE('document.head.append(clone); clone.remove()'),
  },
  'freed and taken out, with nothing left but its address': {
    body: WAITING('src="SERVER/widget.js?key=KEY"') + CLONE('waiting.replaceWith(clone); clone.remove()'),
  },
  'twice as a module': { body: ONE_LINE + ONE_LINE },
  'twice as a classic script': { body: '<script src="SERVER/widget.js?key=KEY"></script>'.repeat(2) },
  'by an element made by script': {
    body: `<script>document.body.append(Object.assign(document.createElement('switchboard-call'), { id: 'made' }));
      document.getElementById('made').dataset.key = 'KEY'</script>${SCRIPT}`,
  },
};

test('there is one button, however the script comes into the page', async ({ page, panel }) => {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  // What begins in a head has run before there is a body.
  const hasRun = () => document.body === null && customElements.get('switchboard-call') !== undefined;
  for (const [way, { head, body }] of Object.entries(WAYS)) {
    await test.step(way, async () => {
      const until = head === undefined ? undefined : page.waitForFunction(hasRun, undefined, { polling: 10 });
      await panel.visitPage(body ?? '', { head, until });
      await expect(page.locator('switchboard-call')).toHaveCount(1);
      await expect(panel.launcher).toBeInViewport({ ratio: 1 });
    });
  }
  expect(faults).toEqual([]);
});

/** What the console says next for whoever built the page. */
const told = (page: Page) =>
  page.waitForEvent('console', (message) => message.text().startsWith('<switchboard-call>')).then((it) => it.text());

test('what is missing or wrong is said in the console', async ({ page, panel, business, stack }) => {
  await test.step('no key at all', async () => {
    const text = told(page);
    await panel.visitPage(SCRIPT);
    expect(await text).toContain(`${stack.url}/widget.js?key=pk_`);
  });
  await test.step('two in one corner', async () => {
    const text = told(page);
    await panel.visitPage(`${TAG}<switchboard-call key="pk_demo"></switchboard-call>${SCRIPT}`);
    expect(await text).toContain('give one of them another position');
  });
  await test.step('a page without an origin', async () => {
    const text = told(page);
    await panel.visitPage(TAG + SCRIPT, { headers: { 'content-security-policy': 'sandbox allow-scripts' } });
    expect(await text).toContain('allow-same-origin');
    await expect(panel.launcher).toHaveCount(0);
  });
  await test.step('quotes an editor has curled', async () => {
    const text = told(page);
    await panel.visitPage(`<switchboard-call key="KEY" variables='{“customer_name”:“Ana”}'></switchboard-call>${SCRIPT}`);
    await panel.warm();
    expect(await text).toContain('variables that are no JSON object');
  });
  await test.step('a frame around the page keeps the microphone', async () => {
    const inner = stack.site.page((TAG + SCRIPT).replace('KEY', business.key));
    await panel.visitPage(`<iframe src="${inner.replace('localhost', '127.0.0.1')}" width="800" height="600"></iframe>`);
    const button = page.frameLocator('iframe').getByRole('button').first();
    const text = told(page);
    await button.hover();
    expect(await text).toContain('allow="microphone"');
  });
});

test('a copy of the script names the server it belongs to', async ({ page, panel, stack }) => {
  await page.route('**/copied/widget.js', async (route) => {
    const answer = await page.request.get(`${stack.url}/widget.js`);
    await route.fulfill({ contentType: 'text/javascript', body: await answer.text() });
  });
  const copy = '<script type="module" src="/copied/widget.js"></script>';
  await panel.visitPage(TAG + copy);
  const text = told(page);
  await panel.launcher.hover();
  expect(await text).toContain(`finds no Switchboard at http://localhost:${stack.site.port}: write server=`);

  await panel.visitPage(`<switchboard-call key="KEY" server="SERVER"></switchboard-call>${copy}`);
  await panel.warm();
});

test('a panel that is refused in a website around the page is missed in the console', async ({ page, business, stack }) => {
  await page.clock.install();
  const inner = stack.site.page((TAG + SCRIPT).replace('KEY', business.key));
  await page.goto(stack.site.page(`<iframe src="${inner}" allow="microphone" width="800" height="600"></iframe>`).replace('localhost', FOREIGN_HOST));
  const parts = page.waitForResponse('**/widget-panel.js');
  const text = told(page);
  await page.frameLocator('iframe').getByRole('button').first().hover();
  await parts;
  // As soon as the part is here it begins to wait.
  await expect.poll(() => page.clock.fastForward(9_000).then(() => Promise.race([text, '']))).toContain('every website around it');
});
