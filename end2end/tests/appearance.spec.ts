// The panel looks as its key says, unless the page says otherwise; and can be
// read in whatever colour a business has.

import type { Locator } from '@playwright/test';
import { type Panel, SCRIPT, TAG } from 'switchboard-playwright';
import { expectAccessible, expectReadable } from '../fixtures/axe.ts';
import { colors, contrast } from '../fixtures/contrast.ts';
import { expect, test } from '../fixtures/test.ts';

const WHITE = [255, 255, 255] as [number, number, number];
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** The panel without a call, once it is dressed. */
async function openPanel(panel: Panel): Promise<Locator> {
  await panel.open();
  const html = panel.inside.locator('html');
  await expect.poll(() => html.evaluate((it) => it.style.getPropertyValue('--sb-accent'))).not.toBe('');
  return html;
}

const style = (element: Locator, name: string) => element.evaluate((it, name) => getComputedStyle(it).getPropertyValue(name), name);

test('a key says how its panel looks, and the page has the last word', async ({ page, panel, desk, business, stack }) => {
  await page.route('https://harbour.example/logo.png', (route) => route.fulfill({ contentType: 'image/png', body: PIXEL }));
  const key = await business.makeKey({
    name: 'Harbour Books',
    // The desk does not ask about this one: it outlives what is changed there.
    appearance: { avatar: 'https://harbour.example/logo.png' },
  });
  const staff = desk.page;
  await staff.goto(`${stack.url}/desk/settings/public-keys`);
  await staff.getByRole('row', { name: /Harbour Books/ }).getByRole('button', { name: /Edit/ }).click();
  await staff.getByLabel('Title visitors see').fill('Harbour Books & Maps');
  await staff.getByLabel('Accent colour').fill('#ffe680');
  await staff.getByLabel('Corners').selectOption('Slightly round');
  await staff.getByLabel('Font').selectOption('With serifs (Georgia)');
  await staff.getByLabel('Light or dark').selectOption('Always light');
  // As it is typed: words on a yellow are dark.
  const preview = staff.getByRole('img', { name: 'How it looks' });
  const button = await colors(preview.locator('.sb-look-call'));
  expect(button.surface).toEqual([255, 230, 128]);
  expect(contrast(button.surface, button.text)).toBeGreaterThanOrEqual(4.5);
  expect(await style(preview, 'border-radius')).toBe('4px');
  await expectAccessible(staff);
  await staff.getByRole('button', { name: 'Save' }).click();
  await expect(preview).toHaveCount(0);

  // The key wants it light whatever the browser prefers.
  await page.emulateMedia({ colorScheme: 'dark' });
  await panel.visit({ key });
  const html = await openPanel(panel);
  await expect(html).toHaveAttribute('data-theme', 'light');
  expect((await colors(panel.inside.locator('body'))).surface).toEqual(WHITE);
  expect(await style(panel.root, 'font-family')).toBe('Georgia, serif');
  const logo = panel.inside.locator('.sbw-head img');
  await expect.poll(() => logo.evaluate((it: HTMLImageElement) => it.naturalWidth)).toBe(1);
  // A yellow still, but a button on white and the words on it can be made out.
  const start = await colors(panel.button('Start call'));
  const [red, , blue] = start.surface;
  expect(red).toBeGreaterThan(blue);
  expect(contrast(start.surface, WHITE)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(start.surface, start.text)).toBeGreaterThanOrEqual(4.5);
  await panel.button('Start call').click();
  await panel.expectState('live');
  await expect(panel.transcript).toContainText('short test call');
  expect(await style(panel.transcript.locator('.sb-row-text').first(), 'border-radius')).toBe('4px');
  await panel.hangUp();

  await panel.visitPage(
    `<switchboard-call key="${key}" color="#123456" theme="dark"></switchboard-call>
     <style>switchboard-call { --switchboard-radius: 20px }</style>${SCRIPT}`,
  );
  await openPanel(panel);
  await expect(panel.inside.getByRole('heading', { level: 1 })).toHaveText('Harbour Books & Maps');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  expect(await html.evaluate((it) => it.style.getPropertyValue('--sb-radius'))).toBe('20px');
  expect(await style(panel.root, 'font-family')).toBe('Georgia, serif');
  const [itsRed, , itsBlue] = (await colors(panel.button('Start call'))).surface;
  expect(itsBlue).toBeGreaterThan(itsRed);
});

const ACCENTS = { dark: '#1b0f3b', 'very light': '#fffbe6', middling: '#e8590c', grey: '#767676' };

test('an accent can be read in a call and after it, whatever it is', async ({ page, panel }) => {
  await panel.visitPage(TAG + SCRIPT);
  await panel.callUntilHeard();
  const field = panel.inside.getByRole('textbox', { name: 'Type a message' });
  await field.fill('Can I read this?');
  await field.press('Enter');
  await expect(panel.transcript).toContainText('Can I read this?');
  const html = panel.inside.locator('html');
  const worn = () => html.evaluate((it) => it.style.getPropertyValue('--sbw-mark'));
  const expectAllReadable = async () => {
    for (const [name, color] of Object.entries(ACCENTS)) {
      await test.step(name, async () => {
        await page.locator('switchboard-call').evaluate((it, color) => it.setAttribute('color', color), color);
        await expect.poll(worn, { intervals: [20] }).toBe(color);
        await expectReadable(page);
      });
    }
  };
  await expectAllReadable();
  await panel.hangUp();
  await panel.inside.getByRole('radio', { name: '4 of 5 stars' }).check();
  await expectAllReadable();
});

test('a pale accent is readable, whatever the theme and the browser', async ({ page, panel }) => {
  await panel.visitPage(
    `<switchboard-call key="KEY" color="#ffe680"></switchboard-call>
     <style>switchboard-call { --switchboard-radius: 4px }</style>${SCRIPT}`,
  );
  const html = await openPanel(panel);
  expect(await html.evaluate((it) => it.style.getPropertyValue('--sb-radius'))).toBe('4px');
  for (const theme of ['dark', 'light', 'auto']) {
    await page.locator('switchboard-call').evaluate((it, theme) => it.setAttribute('theme', theme), theme);
    await expect(html).toHaveAttribute('data-theme', theme === 'auto' ? '' : theme);
    await expectReadable(page);
  }
});
