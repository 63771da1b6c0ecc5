// A fourth language is one file more, and one that runs from right to left turns
// the panel round; the host page's language is the default; every text is the
// host page's to replace.

import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SCRIPT, temporaryDirectory } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { siteDir } from '../fixtures/built.ts';
import { expectNothingClipped } from '../fixtures/clipped.ts';
import { expect, test as base } from '../fixtures/test.ts';

type Texts = Record<string, string>;

const english = JSON.parse(await readFile(resolve(import.meta.dirname, '../../app/widget/texts/en.json'), 'utf8')) as Texts;

const LETTERS = 'ابتثجحخدذرزسشصضطظعغفقكلمنهوي';
/** The same words in Arabic letters. */
const arabic = (text: string) =>
  text.replace(/\{n\}|[a-z]/gi, (it) => (it.length > 1 ? it : LETTERS[it.toLowerCase().charCodeAt(0) - 97]));
/** The same, half as long again, as translations of English are. */
const longer = (text: string) => text.replace(/\p{L}+/gu, (word) => (word === 'n' ? word : word + word.slice(0, Math.ceil(word.length / 2))));

const LANGUAGES: [string, string, string, (text: string) => string][] = [
  ['a fourth language, half as long again', 'pl', 'ltr', longer],
  ['a language from right to left', 'ar', 'rtl', arabic],
];

/** The site as the build makes it with one more file in `app/widget/texts` for each language. */
const test = base.extend<object, { site: string }>({
  site: [
    async ({}, use) => {
      const site = await temporaryDirectory();
      await cp(siteDir, site.path, { recursive: true });
      const manifestFile = join(site.path, 'manifest.json');
      const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as Texts;
      for (const [, tag, dir, translate] of LANGUAGES) {
        for (const part of ['texts', 'later']) {
          const words = Object.entries(english).filter(([name]) => name.startsWith('later.') === (part === 'later'));
          const texts = Object.fromEntries(words.map(([name, text]) => [name, translate(text)]));
          if (part === 'texts') Object.assign(texts, { lang: tag, dir });
          await writeFile(join(site.path, `assets/${part}.${tag}.json`), JSON.stringify(texts));
          manifest[`${part}_${tag}`] = `/assets/${part}.${tag}.json`;
        }
      }
      // What is there may be a hard link to the site of all tests.
      await rm(manifestFile);
      await writeFile(manifestFile, JSON.stringify(manifest));
      await use(site.path);
      await site.remove();
    },
    { scope: 'worker' },
  ],
  stackEnv: [async ({ site }, use) => use({ SWITCHBOARD_SITE_DIR: site }), { scope: 'worker' }],
});

for (const [name, tag, dir, translate] of LANGUAGES) {
  test(`${name}: every state is whole, turned the right way, and accessible`, async ({ page, panel }) => {
    const word = (text: string) => translate(english[text]);
    /** On a wide screen, and on the narrowest. */
    const expectWhole = async () => {
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 760 });
        await expectNothingClipped(panel.root);
      }
    };
    await panel.visitPage(`<switchboard-call key="KEY" terms="https://harbour.example/terms"></switchboard-call>${SCRIPT}`, { html: `lang="${tag}" dir="${dir}"` });
    await panel.launcher.click();
    const dialog = panel.inside.getByRole('dialog', { name: word('consent.title') });
    await expect(dialog).toBeVisible();
    await expect(panel.inside.locator('html')).toHaveAttribute('dir', dir);
    await expect(panel.inside.locator('html')).toHaveAttribute('lang', tag);
    await expectWhole();
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: word('start_call') }).click();
    await panel.expectState('live');
    await expect(panel.transcript).toContainText('short test call');
    await expect(panel.inside.getByRole('textbox', { name: translate(english['later.typing.label']) })).toBeVisible();
    await expectWhole();
    // On the narrowest, too, what is pressed is there, and large enough for a finger (WCAG 2.2, target size).
    for (const name of ['mute', 'hang_up', 'close']) {
      await expect(panel.button(word(name))).toBeInViewport({ ratio: 1 });
      const box = await panel.button(word(name)).boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24);
    }
    for (const frame of page.frames()) {
      const excess = await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(excess).toBeLessThanOrEqual(0);
    }
    // The way out is at the end of the line.
    const [close, whole] = await Promise.all([panel.button(word('close')).boundingBox(), panel.root.boundingBox()]);
    const isLeft = (close?.x ?? 0) + (close?.width ?? 0) / 2 < (whole?.x ?? 0) + (whole?.width ?? 0) / 2;
    expect(isLeft).toBe(dir === 'rtl');
    await panel.button(word('devices')).click();
    await expect(panel.inside.getByText(translate(english['later.push_to_talk_hint']))).toBeVisible();
    await expectWhole();
    await panel.button(word('hang_up')).click();
    await panel.expectEnded();
    await expect(panel.inside.getByRole('group', { name: translate(english['later.rating.question']) })).toBeVisible();
    await expectWhole();
    await expectAccessible(page);
  });
}

test('a page is called from in its language', async ({ panel }) => {
  for (const [lang, button] of [
    ['de-AT', 'Rufen Sie uns an'],
    ['es-MX', 'Llámenos'],
    ['en-GB', 'Call us'],
    ['fi', 'Call us'],
  ]) {
    await panel.visitPage(`<switchboard-call key="KEY"></switchboard-call>${SCRIPT}`, { html: `lang="${lang}"` });
    await expect(panel.launcher).toHaveText(button);
    await panel.warm();
    const spoken = lang === 'fi' ? 'en' : lang.slice(0, 2);
    await expect(panel.inside.locator('html')).toHaveAttribute('lang', spoken);
  }
});

test('every text of the panel is the host page’s to replace', async ({ panel }) => {
  const own = Object.fromEntries(Object.keys(english).filter((name) => name !== 'lang' && name !== 'dir').map((name) => [name, `◆ ${name}`]));
  await panel.visitPage(
    `<switchboard-call key="KEY" label="◆" terms="https://harbour.example/terms"
      texts='${JSON.stringify(own)}'></switchboard-call>${SCRIPT}`,
  );
  const expectOnlyOwn = async () => {
    const others = await panel.root.evaluate((root) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.textContent?.trim() ?? '';
        const parent = node.parentElement;
        const isOurs = !parent?.closest('#sbw-title, .sb-row-text, .sb-row-time, #sbw-clock, #sbw-lasted-value, option, [aria-hidden="true"], [aria-live]:not(#sbw-notice)');
        if (isOurs && parent?.checkVisibility() && /\p{L}/u.test(text) && !text.startsWith('◆')) found.push(text);
      }
      for (const it of root.querySelectorAll('[aria-label]')) {
        const label = it.getAttribute('aria-label') ?? '';
        if (it !== root && it.checkVisibility() && !label.startsWith('◆')) found.push(label);
      }
      return found;
    });
    expect(others).toEqual([]);
  };
  await panel.launcher.click();
  const dialog = panel.inside.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await expectOnlyOwn();
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: '◆ start_call' }).click();
  await panel.expectState('live');
  await expect(panel.transcript).toContainText('short test call');
  await expect(panel.inside.getByRole('textbox')).toBeVisible();
  await panel.button('◆ devices').click();
  await expect(panel.inside.getByText('◆ later.push_to_talk_hint')).toBeVisible();
  await expectOnlyOwn();
  await panel.button('◆ hang_up').click();
  await panel.expectEnded();
  await expect(panel.inside.getByText('◆ later.rating.question')).toBeVisible();
  await expectOnlyOwn();
});
