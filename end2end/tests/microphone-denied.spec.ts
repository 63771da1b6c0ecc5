// The visitor, or the browser for her, says no to the microphone.

import { expectNoCall } from '../fixtures/no-call.ts';
import { test } from '../fixtures/test.ts';

test.use({ allowMicrophone: false, wholeBrowser: true });

test.beforeEach(async ({ context, stack }) => {
  // An empty grant is a refusal of everything else.
  await context.grantPermissions([], { origin: stack.url });
});

test('says that the microphone is blocked, and how to allow it', async ({ page, panel, demo }) => {
  await page.goto(demo.url);
  await panel.call();
  await expectNoCall(panel, 'microphone-denied', /microphone is blocked.*address bar/s);
});

test('calls after the visitor has changed her mind', async ({ page, context, panel, demo, stack }) => {
  await page.goto(demo.url);
  await panel.call();
  await expectNoCall(panel, 'microphone-denied', /microphone is blocked/);
  await context.grantPermissions(['microphone'], { origin: stack.url });
  await panel.button('Start call').click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
});
