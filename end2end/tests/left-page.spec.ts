// Pages that are left and come back, tabs that cannot say goodbye, and translators
// that rewrite what is on the page.

import { callFrame } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

test('a page from the back/forward cache says that its call ended, and calls again', async ({ page, panel }) => {
  const thrown: Error[] = [];
  page.on('pageerror', (error) => thrown.push(error));
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.inside.getByRole('textbox', { name: 'Type a message' })).toBeVisible();
  // A translator puts its own elements round every word, whether it is asked to or not.
  const frame = callFrame(page);
  await expect(panel.inside.locator('html')).toHaveAttribute('translate', 'no');
  await frame.evaluate(() => {
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: Node[] = [];
    while (words.nextNode()) found.push(words.currentNode);
    for (const text of found) {
      if (text.parentElement?.closest('script, style') || !text.textContent?.trim()) continue;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      text.parentNode?.replaceChild(outer, text);
      outer.append(inner);
      inner.append(text);
    }
  });
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

test('a tab that crashed on a call does not keep the visitor from calling', async ({ page, panel }) => {
  await panel.visit();
  await panel.warm();
  // The last that was heard of it.
  await callFrame(page).evaluate(() => new BroadcastChannel('switchboard').postMessage('here'));
  await panel.call();
  await panel.expectState('live');
  await expect(panel.inside.getByRole('dialog')).toHaveCount(0);
});
