// Pages that are left and come back, tabs that cannot say goodbye, and translators
// that rewrite what is on the page.

import { Panel, callFrame } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';
import { leaveAndComeBack } from '../fixtures/left-page.ts';
import { translate } from '../fixtures/translator.ts';

// The cache that people's browsers have, and Playwright turns off.
test.use({ launchOptions: [({ launchOptions }, use) => use({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] }), { scope: 'worker' }] });

test('a page from the back/forward cache says that its call ended, and calls again', async ({ page, panel }) => {
  const thrown: Error[] = [];
  page.on('pageerror', (error) => thrown.push(error));
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.inside.getByRole('textbox', { name: 'Type a message' })).toBeVisible();
  const frame = callFrame(page);
  await translate(frame);
  const first = panel.callId;
  await frame.evaluate(() => {
    for (const name of ['pagehide', 'pageshow']) dispatchEvent(new PageTransitionEvent(name, { persisted: true }));
  });
  await panel.expectEnded('page-left');
  await expect(panel.inside.getByText('Leaving the page ended the call.')).toBeVisible();
  await expect(panel.inside.getByRole('textbox', { name: 'Type a message' })).toBeHidden();
  await panel.button('Call again').click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
  expect(panel.callId).not.toBe(first);
  expect(thrown).toEqual([]);
});

test('whoever goes on to another page in a call and steps back finds it ended, and calls again', async ({ panel }) => {
  await leaveAndComeBack(panel);
});

test('a tab that crashes on a call does not keep the visitor from calling', async ({ context, page, panel, business }) => {
  const crashing = await context.newPage();
  const lost = new Panel(crashing, business);
  await lost.visit();
  await lost.callUntilHeard();
  // The second tab knows of the call in the first.
  await panel.visit();
  await panel.warm();
  await panel.call();
  const question = panel.inside.getByRole('dialog', { name: 'You are already on a call' });
  await question.getByRole('button', { name: 'Continue there' }).click();
  await page.bringToFront();
  const crashed = crashing.waitForEvent('crash');
  const devtools = await context.newCDPSession(crashing);
  void devtools.send('Page.crash').catch(() => undefined);
  await crashed;
  await panel.button('Start call').click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
  await expect(question).toBeHidden();
});
