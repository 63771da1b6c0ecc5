// A browser that cannot make calls says so before it asks for anything, and offers
// what is left.

import { SCRIPT, TAG } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

/** An agent of the business's own: nobody else's number is answered by it. */
const GREETS = 'name = "Lea"\nlanguage = "en-US"\n[[steps]]\nagent = "Hello."\n';
const WITHOUT_WEBRTC = () => void Reflect.deleteProperty(window, 'RTCPeerConnection');

test('without WebRTC nobody is asked for a microphone, and may be called back', async ({ context, panel, business }) => {
  await context.addInitScript(WITHOUT_WEBRTC);
  await context.addInitScript(() => {
    if (navigator.mediaDevices === undefined) return;
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (what) => {
      document.documentElement.dataset.asked = 'microphone';
      return open(what);
    };
  });
  const key = await business.makeKey({ modes: ['voice', 'callback'], countries: ['ES'] });
  const asked = panel.inside.locator('html[data-asked]');
  await panel.visit({ key });
  await panel.open();
  await expect(panel.alert).toContainText('This browser cannot make calls');
  await panel.expectState('idle');
  await expect(panel.button('Start call')).toBeHidden();

  await expect(asked).toHaveCount(0);

  await panel.button('Check my setup').click();
  const lines = panel.inside.getByRole('dialog').getByRole('listitem');
  await expect(lines.filter({ hasText: 'Browser' })).toContainText('Please use another browser');
  await panel.inside.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await panel.button('Call me back').click();
  await expect(panel.inside.getByLabel('Name')).toBeFocused();
});

test('without WebRTC a telephone number is offered: one the agent answers, or the page’s own', async ({ context, panel, business }) => {
  await context.addInitScript(WITHOUT_WEBRTC);
  const number = await business.addNumber(await business.addAgent(GREETS));
  const link = panel.inside.getByRole('link');
  await panel.visitPage(TAG.replace('key=', 'lang="de" key=') + SCRIPT);
  await panel.open();
  await expect(link).toHaveAccessibleName(/^Telefon \+49 30 /);
  await expect(link).toHaveAttribute('href', `tel:${number}`);

  await panel.visitPage(TAG.replace('key=', 'telephone="+49 (0)89 123-456" key=') + SCRIPT);
  await panel.open();
  await expect(link).toHaveAttribute('href', 'tel:+4989123456');
});

test('without WebRTC a page may start a call all the same, and is told why there is none', async ({ page, context, panel }) => {
  await context.addInitScript(WITHOUT_WEBRTC);
  await panel.visitPage(`<switchboard-call key="KEY" consent="true"></switchboard-call>${SCRIPT}`);
  await page.evaluate(() => document.querySelector('switchboard-call')?.start());
  await panel.expectEnded('browser-unable');
  await expect(panel.alert).toContainText('This browser cannot make calls');
  // Nobody agrees to what cannot be.
  await expect(panel.inside.getByRole('dialog')).toHaveCount(0);
});

test('without WebRTC a key for call-backs alone is none the worse', async ({ context, panel, business }) => {
  await context.addInitScript(WITHOUT_WEBRTC);
  await panel.visit({ key: await business.makeKey({ modes: ['callback'], countries: ['ES'] }) });
  await panel.call();
  await expect(panel.inside.getByLabel('Name')).toBeFocused();
  await panel.expectState('idle');
  await expect(panel.alert).toBeHidden();
});

test('the setup check says nothing of the level of a microphone it may not use', async ({ context, panel }) => {
  await context.addInitScript(() => {
    if (navigator.mediaDevices === undefined) return;
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
  });
  await panel.visit();
  await panel.open();
  await panel.button('Check my setup').click();
  const dialog = panel.inside.getByRole('dialog');
  await expect(dialog.getByRole('status')).toContainText('Something is in the way');
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Microphone' })).toHaveCount(1);
});
