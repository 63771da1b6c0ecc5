// The launcher, wherever a business puts it.

import { expect } from '@playwright/test';
import { SCRIPT } from 'switchboard-playwright';
import { LAUNCHER, WIDTHS } from '../../fixtures/engine/person.ts';
import type { EngineTest } from '../../fixtures/engine/test.ts';

const STRICT = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; script-src SERVER; frame-src SERVER; require-trusted-types-for 'script'; trusted-types 'none'",
  'permissions-policy': 'microphone=(self "SERVER"), autoplay=(self "SERVER")',
};
/** A box that fixed children would stay in. */
const inside = (css: string, tag: string) =>
  `<div style="${css};overflow:hidden;margin:80px;width:400px;height:200px">${tag}</div>${SCRIPT}`;

type Corner = 'bottom right' | 'bottom left' | 'top left';

const PLACES: [string, Corner, string, { html?: string; headers?: Record<string, string> }?][] = [
  ['in one line', 'bottom right', '<script type="module" src="SERVER/widget.js" data-key="pk_test" data-label="Call us now" data-color="#b3005e"></script>'],
  ['as an element', 'bottom right', `<switchboard-call key="pk_test"></switchboard-call>${SCRIPT}`],
  ['on the top left', 'top left', `<switchboard-call key="pk_test" position="top-left"></switchboard-call>${SCRIPT}`],
  ['right to left', 'bottom left', `<switchboard-call key="pk_test"></switchboard-call>${SCRIPT}`, { html: 'lang="ar" dir="rtl"' }],
  ['in the dark', 'bottom right', `<switchboard-call key="pk_test" theme="dark"></switchboard-call>${SCRIPT}`],
  ['under a strict policy', 'bottom right', `<switchboard-call key="pk_test"></switchboard-call>${SCRIPT}`, { headers: STRICT }],
  ['in a transformed box', 'bottom right', inside('transform:translateX(0)', '<switchboard-call key="pk_test"></switchboard-call>')],
  ['in a transformed box, in a colour', 'bottom right', inside('transform:translateX(0)', '<switchboard-call key="pk_test" color="gold"></switchboard-call>')],
  ['in a contained box, in the page’s own colour', 'bottom right', inside('contain:paint;--switchboard-accent:#b3005e', '<switchboard-call key="pk_test"></switchboard-call>')],
];

export function launcher(test: EngineTest): void {
  for (const [name, corner, body, options] of PLACES) {
    test(`the launcher ${name}`, async ({ person, stack }) => {
      await person.view.goto(stack.site.page(body, options));
      await person.expectSaid(LAUNCHER, /\S/);
      for (const [wide, high] of WIDTHS) {
        await person.view.resize(wide, high);
        const { left, top, width, height, under } = await person.box(LAUNCHER);
        const [x, y] = [left + width / 2, top + height / 2];
        expect(`${y < high / 2 ? 'top' : 'bottom'} ${x < wide / 2 ? 'left' : 'right'}`).toBe(corner);
        // Twenty pixels from the edges, but for a scroll bar.
        expect(Math.min(left, wide - left - width)).toBeLessThan(40);
        expect(Math.min(top, high - top - height)).toBeLessThan(40);
        expect(under).toBeNull();
      }

      await person.comeNear();
      await person.click(LAUNCHER);
      await person.expectPanel(/^(?!idle)/);
      const panel = await person.box({ css: 'dialog.open', in: 'launcher' });
      expect(panel.left).toBeGreaterThanOrEqual(0);
      expect(panel.left + panel.width).toBeLessThanOrEqual(1440);
      // The keyboard goes with it.
      const focused = () => document.activeElement?.shadowRoot?.activeElement?.localName;
      await expect.poll(() => person.view.evaluate('page', focused, undefined)).toBe('iframe');
      await person.click(LAUNCHER);
      await person.expectGone({ css: 'dialog.open', in: 'launcher' });
    });
  }

  test('the panel’s title is no tip over all of it', async ({ person, stack }) => {
    await person.view.goto(stack.site.page(`<switchboard-call key="pk_test" title="Harbour Books"></switchboard-call>${SCRIPT}`));
    await person.box(LAUNCHER);
    // The tip of what the mouse is over is the nearest title there is, from the inside out.
    const tip = () => {
      const host = document.querySelector<HTMLElement>('switchboard-call');
      const button = host?.shadowRoot?.querySelector('button.call');
      return (button?.closest<HTMLElement>('[title]') ?? host)?.title;
    };
    expect(await person.view.evaluate('page', tip, undefined)).toBe('');
  });

  test('the page’s own button opens a panel without a launcher', async ({ person, stack }) => {
    const own = `<button id="own" onclick="document.querySelector('switchboard-call').start()">Talk to us</button>`;
    await person.view.goto(stack.site.page(`${own}<switchboard-call key="pk_test" position="none"></switchboard-call>${SCRIPT}`));
    await person.expectGone(LAUNCHER);
    await person.click({ css: '#own' });
    await person.expectPanel(/^(?!idle)/);
  });

  test('as large as the screen, the panel is all there is, and gives the page back', async ({ person, stack }) => {
    const own = `<button id="own" onclick="document.querySelector('switchboard-call').open()">Talk to us</button>`;
    await person.view.resize(390, 844);
    await person.view.goto(
      stack.site.page(`${own}<a id="hours" href="#hours">Hours</a><div style="height:300vh"></div>
        <switchboard-call key="pk_test" position="none"></switchboard-call>${SCRIPT}`),
    );
    /** Whether the page behind it can be had. */
    const hasPage = () => {
      const link = document.querySelector<HTMLElement>('#hours');
      const before = document.activeElement as HTMLElement | null;
      link?.focus();
      const had = document.activeElement === link;
      if (had) before?.focus();
      return had && getComputedStyle(document.documentElement).overflow !== 'hidden';
    };
    const page = () => person.view.evaluate('page', hasPage, undefined);
    expect(await page()).toBe(true);
    await person.click({ css: '#own' });
    await person.expectPanel('idle');
    await expect.poll(page).toBe(false);
    // A telephone that is laid on a desk.
    await person.view.resize(1440, 900);
    await expect.poll(page).toBe(true);
    await person.view.resize(390, 844);
    await expect.poll(page).toBe(false);
    await person.click({ css: '#sbw-close', in: 'panel' });
    await person.expectGone({ css: 'dialog.open', in: 'launcher' });
    await expect.poll(page).toBe(true);
    await person.expectFocus('page', '#own');
  });

  test('an inline panel is part of the page, takes no keyboard, and has nothing to close it with', async ({ person, stack }) => {
    const field = '<input id="name">';
    await person.view.goto(
      stack.site.page(`${field}<switchboard-call key="pk_test" position="inline" style="height:560px;max-width:420px"></switchboard-call>${SCRIPT}`),
    );
    await person.view.evaluate('page', () => document.querySelector<HTMLInputElement>('#name')?.focus(), undefined);
    await person.expectPanel('idle');
    await person.expectFocus('page', '#name');
    await person.box({ css: '#sbw-check', in: 'panel' });
    await person.expectGone({ css: '#sbw-close', in: 'panel' });
    await person.expectGone({ css: '.close', in: 'launcher' });
    expect((await person.box({ css: 'iframe', in: 'launcher' })).width).toBeLessThanOrEqual(420);
    await person.expectTidy();
    await person.expectTidy('panel');
  });
}
