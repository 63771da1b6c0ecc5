// Push-to-talk never leaves the microphone open; and what is heard is not read
// aloud over it.

import { callFrame } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

test('who leaves the panel with the key held is muted, and so is the next call', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await panel.button('Audio').click();
  await panel.inside.getByRole('checkbox', { name: 'Push to talk' }).check();
  await page.keyboard.down('Space');
  await expect(panel.button('Mute')).toBeVisible();
  // The key is let go in another window, where nobody here hears it.
  await callFrame(page).evaluate(() => dispatchEvent(new Event('blur')));
  await expect(panel.button('Unmute')).toBeVisible();
  await page.keyboard.up('Space');

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
