// The panel without a call, at a telephone's width and at a desk's.

import { expect } from '@playwright/test';
import type { EngineTest } from '../../fixtures/engine/test.ts';
import { LAUNCHER, type Thing } from '../../fixtures/engine/person.ts';

const inPanel = (css: string, text?: string): Thing => ({ css, text, in: 'panel' });

const WIDTHS = [
  [390, 844],
  [1440, 900],
];

/** `atOnce`: the form has the keyboard when it opens. WebKit does not always let it have that before the first key. */
export function callbacks(test: EngineTest, { atOnce } = { atOnce: true }): void {
  for (const [width, height] of WIDTHS) {
    test(`a call-back is asked for, ${width} pixels wide`, async ({ person, business, stack }) => {
      const key = await business.makeKey({ modes: ['callback'], countries: ['ES', 'DE'] });
      await person.view.resize(width, height);
      await person.view.goto(stack.site.url({ key }));
      await person.comeNear();
      await person.click(LAUNCHER);
      // Nothing else is asked: the form is what opens, and its first field has the keyboard.
      await person.box(inPanel('#sbc-name'));
      if (atOnce) await person.expectFocus('panel', '#sbc-name');
      await person.view.type('Ana García');
      await person.expectFocus('panel', '#sbc-name');
      await person.expectTidy('panel');
      await person.view.press('Tab');
      await person.expectFocus('panel', '#sbc-country');
      await person.choose(inPanel('#sbc-country'), 'ES');
      await person.view.press('Tab');
      await person.expectFocus('panel', '#sbc-phone');
      await person.view.type('612 34');
      await person.click(inPanel('label.sbx-tick'));
      await person.click(inPanel('.sbc-form .sb-button-primary'));
      await person.expectSaid(inPanel('#sbc-phone-wrong'), 'This is no phone number of this country');
      await person.expectFocus('panel', '#sbc-phone');
      await person.expectTidy('panel');
      await person.view.type('5678');
      await person.view.press('Enter');
      await person.expectSaid(inPanel('#sbc-title'), 'Thank you, Ana García');
      await person.expectTidy('panel');
    });
  }
}

export function consent(test: EngineTest): void {
  for (const [width, height] of WIDTHS) {
    test(`what is asked before a call, ${width} pixels wide`, async ({ person, stack }) => {
      await person.view.resize(width, height);
      await person.view.goto(
        stack.site.page(
          `<switchboard-call key="pk_test" consent="true" terms="https://example.com/terms"></switchboard-call>
           <script type="module" src="SERVER/widget.js"></script>`,
        ),
      );
      await person.click(LAUNCHER);
      await person.box(inPanel('dialog[open]'));
      await person.expectTidy('panel');
      await person.view.press('Escape');
      await person.expectGone(inPanel('dialog[open]'));
      expect(await person.attribute('panel', '#sbw', 'data-state')).toBe('idle');
    });
  }
}
