// Another program holds the microphone.

import { expectNoCall } from '../fixtures/no-call.ts';
import { test } from '../fixtures/test.ts';

test('says that the microphone is in use', async ({ page, context, panel, demo }) => {
  // No flag of Chromium makes its fake device busy; this is the answer a busy one gives.
  await context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Could not start audio source', 'NotReadableError'));
  });
  await page.goto(demo.url);
  await panel.call();
  await expectNoCall(panel, 'microphone-busy', /microphone is in use/);
});
