// The panel in every state it can be in without a talk, and as people with other screens and
// directions see it: nothing leaves the screen or is cut off. The states of a talk are looked
// at the same way in languages.spec.ts, and by axe in accessibility.spec.ts.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Panel } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expectNothingClipped } from '../fixtures/clipped.ts';
import { hold } from '../fixtures/hold.ts';
import { expect, test } from '../fixtures/test.ts';

const MINT = '**/api/public/web-calls';

/** How wide the page is, and which way it runs. */
const LOOKS = {
  wide: [1440, 900, 'ltr'],
  'at 200 %': [640, 450, 'ltr'],
  narrow: [320, 568, 'ltr'],
  'narrow, right to left': [320, 568, 'rtl'],
} as const;

/** What a server of ours can refuse a call with, by the names of its problems. */
const refusals = await readFile(resolve(import.meta.dirname, '../../app/browser/src/call/problem.rs'), 'utf8').then((source) => [
  ...new Set([...source.matchAll(/=> slug::([A-Z_]+),/g)].map(([, name]) => name.toLowerCase().replaceAll('_', '-'))),
]);

async function expectWhole(panel: Panel, name: string, looks = Object.keys(LOOKS) as (keyof typeof LOOKS)[]): Promise<void> {
  for (const look of looks) {
    const [width, height, direction] = LOOKS[look];
    if (panel.page.viewportSize()?.width !== width) await panel.page.setViewportSize({ width, height });
    await panel.inside.locator('html').evaluate((html, dir) => html.setAttribute('dir', dir), direction);
    await expectNothingClipped(panel.root);
    const excess = await panel.inside.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    expect(excess, `${name} scrolls sideways, ${look}`).toBeLessThanOrEqual(0);
  }
}

test('before a call, while the browser asks, while it connects', async ({ page, panel }, testInfo) => {
  await page.addInitScript(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const allowed = new Promise((done) => addEventListener('allow', done, { once: true }));
    navigator.mediaDevices.getUserMedia = async (wanted) => (await allowed, real(wanted));
  });
  const letGo = await hold(page, MINT);
  await panel.visit();
  await panel.open();
  await expectWhole(panel, 'idle');
  await panel.button('Start call').click();
  await panel.expectState('asking-microphone');
  await expectWhole(panel, 'asking');
  await panel.inside.locator('html').evaluate(() => dispatchEvent(new Event('allow')));
  await panel.expectState('minting');
  await expectWhole(panel, 'minting');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await testInfo.attach(`minting, ${colorScheme}`, { body: await page.screenshot(), contentType: 'image/png' });
  }
  letGo();
  await panel.expectState('live');
});

test('every refusal of a call', async ({ page, panel }) => {
  expect(refusals.length).toBeGreaterThan(20);
  await panel.visit();
  await panel.open();
  for (const refusal of refusals.filter((name) => name !== 'lines-busy')) {
    await page.route(MINT, (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', json: { type: `/problems/${refusal}`, title: 'No.', status: 503 } }),
    );
    await panel.button('Start call').click();
    await panel.expectEnded(refusal);
    await expect(panel.alert).toBeVisible();
    // Their words are all that differs: where those are narrow, they break.
    await expectWhole(panel, refusal, ['narrow', 'narrow, right to left']);
    await page.unroute(MINT);
  }
  await expectAccessible(page);
});
