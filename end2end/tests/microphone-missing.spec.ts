// A computer without a microphone.

import { expectNoCall } from '../fixtures/no-call.ts';
import { test } from '../fixtures/test.ts';

test.use({ microphone: 'none' });

test('says that there is no microphone', async ({ page, panel, stack }) => {
  await page.goto(stack.demoUrl);
  await panel.call();
  await expectNoCall(panel, 'microphone-missing', /No microphone found/);
});
