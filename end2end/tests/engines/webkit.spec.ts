// Safari's engine. Debian's build of it has no WebRTC.

import { webkit as test } from '../../fixtures/engine/test.ts';
import { desk } from './desk.ts';
import { launcher } from './launcher.ts';
import { panel } from './panel.ts';

launcher(test);
panel(test);
desk(test);

test('who cannot make a call is told so before the microphone is asked for', async ({ person, stack }) => {
  await person.view.goto(stack.site.url({ key: 'pk_test', agent: 'agent_test_short' }));
  await person.click({ css: 'button.call', in: 'launcher' });
  await person.expectPanel('ended', 'browser-unable');
  await person.expectSaid({ css: '#sbw-alert', in: 'panel' }, 'This browser cannot make calls');
  await person.expectTidy('panel');
});

test('the check of the setup names the browser', async ({ person, stack }) => {
  await person.view.goto(stack.site.page(`<switchboard-call key="pk_test" position="inline"></switchboard-call>
    <script type="module" src="SERVER/widget.js"></script>`));
  await person.click({ css: '#sbw-check', in: 'panel' });
  await person.expectSaid({ css: '.sbx-checks li:first-child p', in: 'panel' }, 'Please use a current version of');
});
