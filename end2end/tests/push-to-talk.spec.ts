// Push-to-talk never leaves the microphone open; and what is heard is not read
// aloud over it.

import { callFrame } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

test('who leaves the panel with the key held is muted, and so is the next call', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await panel.button('Audio').click();
  await panel.inside.getByRole('checkbox', { name: 'Push to talk' }).check();
  for (const left of ['another window', 'another tab']) {
    await page.keyboard.down('Space');
    await expect(panel.button('Mute')).toBeVisible();
    // The key is let go there, where nobody here hears it.
    await callFrame(page).evaluate((left) => {
      if (left === 'another window') return void dispatchEvent(new Event('blur'));
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
      Reflect.deleteProperty(document, 'hidden');
      Reflect.deleteProperty(document, 'visibilityState');
    }, left);
    await expect(panel.button('Unmute')).toBeVisible();
    await page.keyboard.up('Space');
  }

  await panel.button('Hang up').click();
  await panel.expectEnded('hung-up');
  await panel.button('Call again').click();
  await panel.expectState('live');
  await expect(panel.button('Unmute')).toBeVisible();
});

test('a screen reader is told of what cannot be heard, and of all when it is asked to', async ({ panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const told = panel.inside.locator('#sbw-words [aria-live="polite"]');
  const typed = panel.inside.getByRole('textbox', { name: 'Type a message' });
  await typed.fill('What are your hours?');
  await typed.press('Enter');
  await expect(panel.inside.getByRole('status').filter({ hasText: 'Your message was sent.' })).toBeAttached();
  const answers = panel.transcript.locator('.sb-row-agent');
  await expect.poll(() => answers.count()).toBeGreaterThan(1);
  await expect(told).toBeEmpty();

  await panel.button('Audio').click();
  await panel.inside.getByRole('checkbox', { name: 'Have my screen reader read the transcript' }).check();
  await panel.button('Audio').click();
  await typed.fill('Thank you');
  await typed.press('Enter');
  await expect(told).not.toBeEmpty({ timeout: 20_000 });
});

test('what the browser does not play is told to a screen reader without being asked for', async ({ context, panel }) => {
  await context.addInitScript(() => {
    HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('not allowed', 'NotAllowedError'));
  });
  await panel.visit();
  await panel.call();
  await panel.expectState('live');
  await expect(panel.button('Tap to hear')).toBeVisible();
  await expect(panel.inside.locator('#sbw-words [aria-live="polite"]')).not.toBeEmpty();
});
