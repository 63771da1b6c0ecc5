// A page in German: interface and conversation follow its language.

import { expectNoEnglish } from '../fixtures/language.ts';
import { expect, test } from '../fixtures/test.ts';

test('a call in German', async ({ page, panel }) => {
  await panel.visit({ key: 'pk_demo_de', lang: 'de' });
  await panel.callUntilHeard();
  await expect(panel.inside.locator('html')).toHaveAttribute('lang', 'de');
  await expect(panel.transcript).toContainText('Sie sprechen mit Anna');
  await expectNoEnglish(panel);
  await panel.speakAndBeSent('guten-tag');
  await page.keyboard.press('Escape');
  await expect(panel.launcher).not.toHaveText(/call/i);
});
