// The panel without a call, at a telephone's width and at a desk's.

import { expect } from '@playwright/test';
import { SCRIPT } from 'switchboard-playwright';
import type { EngineTest } from '../../fixtures/engine/test.ts';
import { LAUNCHER, type Thing, WIDTHS } from '../../fixtures/engine/person.ts';

const inPanel = (css: string, text?: string): Thing => ({ css, text, in: 'panel' });

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
      const tag = '<switchboard-call key="pk_test" consent="true" terms="https://example.com/terms"></switchboard-call>';
      await person.view.goto(stack.site.page(tag + SCRIPT));
      await person.comeNear();
      // Who cannot call is asked nothing; here nobody does.
      await person.view.evaluate('panel', () => void (window.RTCPeerConnection ??= class {} as typeof RTCPeerConnection), undefined);
      await person.click(LAUNCHER);
      await person.box(inPanel('dialog[open]'));
      await person.expectTidy('panel');
      await person.view.press('Escape');
      await person.expectGone(inPanel('dialog[open]'));
      expect(await person.attribute('panel', '#sbw', 'data-state')).toBe('idle');
    });
  }
}

/** In a browser without WebRTC. */
export function unable(test: EngineTest): void {
  test('who cannot make a call is told so before the microphone is asked for', async ({ person, stack }) => {
    await person.view.goto(stack.site.url({ key: 'pk_test', agent: 'agent_test_short' }));
    await person.comeNear();
    await person.view.evaluate(
      'panel',
      () => {
        navigator.mediaDevices.getUserMedia = () => {
          document.documentElement.dataset.asked = 'microphone';
          return Promise.reject(new DOMException('nobody is here', 'NotAllowedError'));
        };
      },
      undefined,
    );
    await person.click(LAUNCHER);
    await person.expectPanel('ended', 'browser-unable');
    await person.expectSaid(inPanel('#sbw-alert'), 'This browser cannot make calls');
    await person.expectTidyAtEveryWidth('panel');
    expect(await person.attribute('panel', 'html', 'data-asked')).toBeNull();
  });

  test('who cannot make a call may telephone, or be called back', async ({ person, business, stack }) => {
    // One of its own: others answer the numbers of other tests, too.
    const agent = await business.addAgent('name = "Lea"\nlanguage = "en-US"\n[[steps]]\nagent = "Hello."\n');
    const number = await business.addNumber(agent);
    const key = await business.makeKey({ agents: [agent], modes: ['voice', 'callback'], countries: ['ES'] });
    await person.view.goto(stack.site.url({ key }));
    await person.comeNear();
    await person.click(LAUNCHER);
    await person.expectSaid(inPanel('#sbw-alert'), 'This browser cannot make calls');
    await person.expectGone(inPanel('#sbw-start'));
    await person.expectSaid(inPanel(`a[href="tel:${number}"]`), /^Telephone\s+\+49 30/);
    await person.expectTidyAtEveryWidth('panel');
    await person.click(inPanel('#sbc-ask'));
    await person.expectFocus('panel', '#sbc-name');
  });

  test('the check of the setup finds fault with the browser, not with the page', async ({ person, stack }) => {
    await person.view.goto(stack.site.page(`<switchboard-call key="pk_test" position="inline"></switchboard-call>${SCRIPT}`));
    await person.click(inPanel('#sbw-check'));
    const advice = inPanel('.sbx-checks li:first-child p');
    await person.expectSaid(advice, 'browser');
    expect((await person.box(advice)).said).not.toContain('https');
  });
}
