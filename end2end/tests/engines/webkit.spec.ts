// Safari's engine. Debian's build of it has no WebRTC.

import { expect, webkit as test } from '../../fixtures/engine/test.ts';
import { LAUNCHER } from '../../fixtures/engine/person.ts';
import { desk } from './desk.ts';
import { launcher } from './launcher.ts';
import { callbacks } from './panel.ts';

launcher(test);
desk(test);
callbacks(test, { atOnce: false });

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
  await person.expectSaid({ css: '#sbw-alert', in: 'panel' }, 'This browser cannot make calls');
  await person.expectTidy('panel');
  expect(await person.attribute('panel', 'html', 'data-asked')).toBeNull();
});

test('who cannot make a call may be called back', async ({ person, business, stack }) => {
  const key = await business.makeKey({ modes: ['voice', 'callback'], countries: ['ES'] });
  await person.view.goto(stack.site.url({ key }));
  await person.comeNear();
  await person.click(LAUNCHER);
  await person.expectSaid({ css: '#sbw-alert', in: 'panel' }, 'This browser cannot make calls');
  await person.expectGone({ css: '#sbw-start', in: 'panel' });
  await person.click({ css: '#sbc-ask', in: 'panel' });
  await person.expectFocus('panel', '#sbc-name');
});

test('the check of the setup finds fault with the browser, not with the page', async ({ person, stack }) => {
  await person.view.goto(
    stack.site.page(
      '<switchboard-call key="pk_test" position="inline"></switchboard-call><script type="module" src="SERVER/widget.js"></script>',
    ),
  );
  await person.click({ css: '#sbw-check', in: 'panel' });
  const advice = { css: '.sbx-checks li:first-child p', in: 'panel' } as const;
  await person.expectSaid(advice, 'browser');
  expect((await person.box(advice)).said).not.toContain('https');
});
