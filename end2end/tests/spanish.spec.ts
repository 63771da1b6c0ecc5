// A page in Spanish: interface and conversation follow its language.

import { expectNoEnglish } from '../fixtures/language.ts';
import { expect, test } from '../fixtures/test.ts';

test('a call in Spanish', async ({ page, panel }) => {
  await panel.visit({ key: 'pk_demo_es', lang: 'es' });
  await panel.callUntilHeard();
  await expect(panel.inside.locator('html')).toHaveAttribute('lang', 'es');
  await expect(panel.transcript).toContainText('Gracias por llamar');
  await expectNoEnglish(panel);
  await panel.speakAndBeSent('hola');
  await page.keyboard.press('Escape');
  await expect(panel.launcher).not.toHaveText(/call/i);
});
