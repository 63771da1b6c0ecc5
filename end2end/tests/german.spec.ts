// A page in German: interface and conversation follow its language.

import { expectNoEnglish } from '../fixtures/language.ts';
import { expect, test } from '../fixtures/test.ts';

test.use({ microphone: [8, 'guten-tag', 8] });

test('a call in German', async ({ page, panel, stack }) => {
  await page.goto(stack.site.url({ key: 'pk_demo_de', lang: 'de' }));
  await panel.callUntilHeard();
  await expect(panel.inside.locator('html')).toHaveAttribute('lang', 'de');
  await expect(panel.transcript).toContainText('Sie sprechen mit Anna');
  await expectNoEnglish(panel);
  await panel.expectVisitorSent();
  await page.keyboard.press('Escape');
  await expect(panel.launcher).not.toHaveText(/call/i);
});
