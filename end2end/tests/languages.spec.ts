// Spanish and German, from the page's own language.

import { expect, test } from '../fixtures/test.ts';

const LANGUAGES = [
  {
    lang: 'es',
    key: 'pk_demo_es',
    greeting: 'Gracias por llamar',
    microphone: [8, 'hola', 8] as const,
    english: /Hang up|Mute|Connecting|Transcript/,
  },
  {
    lang: 'de',
    key: 'pk_demo_de',
    greeting: 'Sie sprechen mit Anna',
    microphone: [8, 'guten-tag', 8] as const,
    english: /Hang up|Mute|Connecting|Transcript/,
  },
];

for (const { lang, key, greeting, microphone, english } of LANGUAGES) {
  test.describe(lang, () => {
    test.use({ microphone: [...microphone] });

    test('interface and conversation are in the language of the page', async ({ page, panel, stack }) => {
      await page.goto(stack.site.url({ key, lang }));
      await panel.callUntilHeard();
      await expect(panel.inside.locator('html')).toHaveAttribute('lang', lang);
      await expect(panel.transcript).toContainText(greeting);
      await panel.expectVisitorSent();
      const names = await panel.inside
        .locator('body')
        .evaluate((body) =>
          [...body.querySelectorAll('button, [aria-label], [role]')]
            .map((it) => `${it.getAttribute('aria-label') ?? ''} ${it.textContent ?? ''}`)
            .join('\n'),
        );
      expect(names).not.toMatch(english);
    });
  });
}
