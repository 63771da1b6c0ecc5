// No microphone, no call: nothing is minted, and the visitor is told what to do.

import type { Panel } from '../fixtures/panel.ts';
import { expect, test } from '../fixtures/test.ts';

async function expectNoCall(panel: Panel, sentence: RegExp): Promise<void> {
  await expect(panel.alert).toContainText(sentence);
  await expect(panel.button(/Start call|Call again/).first()).toBeVisible();
  expect(panel.callId, 'no call was minted').toBe('');
}

test.describe('denied', () => {
  test.use({ allowMicrophone: false });

  test('says that the microphone is blocked, and how to allow it', async ({ page, context, panel, stack }) => {
    // An empty grant is a refusal of everything else.
    await context.grantPermissions([], { origin: stack.url });
    await page.goto(stack.demoUrl);
    await panel.call();
    await expectNoCall(panel, /microphone/i);
    await panel.expectEnded('microphone-denied');
  });

  test('calls after the visitor has changed her mind', async ({ page, context, panel, stack }) => {
    await context.grantPermissions([], { origin: stack.url });
    await page.goto(stack.demoUrl);
    await panel.call();
    await expectNoCall(panel, /microphone/i);
    await context.grantPermissions(['microphone'], { origin: stack.url });
    await panel.button(/Start call|Call again/).first().click();
    await panel.expectState('live');
    await panel.expectAgentHeard();
  });
});

test.describe('missing', () => {
  test.use({ microphone: 'none' });

  test('says that there is no microphone', async ({ page, panel, stack }) => {
    await page.goto(stack.demoUrl);
    await panel.call();
    await expectNoCall(panel, /microphone/i);
    await panel.expectEnded('microphone-missing');
  });
});

test('busy: says that another program uses the microphone', async ({ page, context, panel, stack }) => {
  // No flag of Chromium makes its fake device busy; this is the answer a busy one gives.
  await context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Could not start audio source', 'NotReadableError'));
  });
  await page.goto(stack.demoUrl);
  await panel.call();
  await expectNoCall(panel, /microphone/i);
  await panel.expectEnded('microphone-busy');
});
