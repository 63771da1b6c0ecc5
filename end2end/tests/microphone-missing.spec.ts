// A computer without a microphone.

import { expectNoCall } from '../fixtures/no-call.ts';
import { test } from '../fixtures/test.ts';

test.use({ microphone: 'none' });

test('says that there is no microphone', async ({ page, panel, demo }) => {
  await page.goto(demo.url);
  await panel.call();
  await expectNoCall(panel, 'microphone-missing', /No microphone found/);
});
