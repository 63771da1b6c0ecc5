// What a visitor can do besides talking.

import { readFile } from 'node:fs/promises';
import { SCRIPT } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('typing reaches the agent, and stands in the transcript for visitor and staff', async ({ panel, desk, stack }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const field = panel.inside.getByRole('textbox', { name: 'Type a message' });
  await field.fill('My number is 4711');
  await field.press('Enter');
  await expect(panel.transcript).toContainText('My number is 4711');
  await expect(field).toHaveValue('');
  const updates = (await stack.emulator.requests()).filter((it) => it.path.endsWith(`/update-live-call/${panel.callId}`));
  expect(updates).toEqual([expect.objectContaining({ method: 'PATCH', status: 200 })]);
  await desk.open();
  await desk.openCall(panel.callId);
  await expect(desk.transcript).toContainText('My number is 4711');
});

test('consent comes before the microphone, and is kept with the call', async ({ page, panel, desk, stack }) => {
  await panel.visitPage(
    `<switchboard-call key="KEY" consent="We answer with a machine."
      terms="https://harbour.example/terms"></switchboard-call>${SCRIPT}`,
  );
  await panel.call();
  const dialog = panel.inside.getByRole('dialog', { name: 'Before we begin' });
  await expect(dialog).toContainText('We answer with a machine.');
  await expect(dialog).toContainText('The call may be recorded.');
  await expect(dialog.getByRole('link', { name: 'Terms and privacy' })).toHaveAttribute('href', 'https://harbour.example/terms');
  expect(panel.callId).toBe('');
  await panel.expectState('idle');
  await expectAccessible(page);

  // Not without the tick; and Escape leaves it, and nothing else.
  await dialog.getByRole('button', { name: 'Start call' }).click();
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await panel.expectState('idle');

  await panel.button('Start call').click();
  await dialog.getByRole('checkbox', { name: 'I agree' }).check();
  await dialog.getByRole('button', { name: 'Start call' }).click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
  const minted = await stack.emulator.retellCall(panel.callId);
  expect(minted.metadata?.switchboard_consent).toEqual(expect.any(Number));
  await desk.open();
  await desk.openCall(panel.callId);
  await expect(desk.page.getByRole('region', { name: 'Consent' })).toContainText('We answer with a machine.');
});

test('a rating and the transcript as a file, after the call', async ({ page, panel, desk }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('short test call');
  await expectAccessible(page);
  await panel.hangUp();
  const words = panel.inside.getByRole('textbox', { name: 'Anything to add?' });
  await expect(words).toBeHidden();
  const stars = async () => Promise.all([1, 5].map((n) => panel.inside.getByRole('radio', { name: `${n} of 5 stars` }).boundingBox()));
  const before = await stars();
  await panel.inside.getByRole('radio', { name: '4 of 5 stars' }).check();
  await expect(words).toBeVisible();
  // They stay under the thumb.
  expect(await stars()).toEqual(before);
  await words.fill('Friendly and quick');
  await expectAccessible(page);

  const waiting = page.waitForEvent('download');
  await panel.button('Download the transcript').click();
  const text = await readFile(await (await waiting).path(), 'utf8');
  expect(text).toContain('short test call');

  await panel.button('Send feedback').click();
  await expect(panel.inside.getByText('Thank you for your feedback.')).toBeVisible();
  await desk.open();
  await desk.openCall(panel.callId);
  const rating = desk.page.getByRole('region', { name: 'Rating' });
  await expect(rating).toContainText('Friendly and quick');
  await expect(rating.getByRole('img', { name: '4 of 5 stars' })).toBeVisible();
});

test('the audio menu shows the level, offers push-to-talk, and plays a sound', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await panel.button('Audio').click();
  await expect(panel.inside.getByRole('combobox', { name: 'Microphone' })).toBeVisible();
  const level = panel.inside.getByRole('meter', { name: 'Your level' });
  const hush = await panel.goOnSpeaking('hello');
  await expect.poll(() => level.evaluate((it: HTMLMeterElement) => it.value), { intervals: [50] }).toBeGreaterThan(3);
  await hush();

  await panel.inside.getByRole('checkbox', { name: 'Push to talk' }).check();
  await expect(panel.button('Unmute')).toBeVisible();
  await page.keyboard.down('Space');
  await expect(panel.button('Mute')).toBeVisible();
  await page.keyboard.up('Space');
  await expect(panel.button('Unmute')).toBeVisible();
  await expect(panel.inside.getByText('You are muted')).toBeVisible();
  await expectAccessible(page);
});

test('the setup check says that all is well', async ({ page, panel }) => {
  await panel.visit();
  await panel.open();
  await panel.button('Check my setup').click();
  const dialog = panel.inside.getByRole('dialog', { name: 'Check my setup' });
  await panel.speak('hello');
  // It cannot look at the network, and promises nothing of it.
  await expect(dialog.getByRole('status')).toHaveText('This browser is ready for a call. Whether your network lets calls through, only a call shows.');
  for (const name of ['Browser', 'Microphone', 'Microphone level', 'Our server', 'Calls in this browser']) {
    await expect(dialog.getByRole('listitem').filter({ hasText: name }).first()).toHaveAttribute('data-ok', 'yes');
  }
  await expectAccessible(page);
  expect(panel.callId).toBe('');
});

test('the setup check says what is wrong and how to fix it here', async ({ page, panel }) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
  await panel.visit();
  await panel.open();
  await panel.button('Check my setup').click();
  const dialog = panel.inside.getByRole('dialog', { name: 'Check my setup' });
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Microphone' }).first()).toContainText('Click the icon to the left of the address bar');
  await expect(dialog.getByRole('status')).toContainText('Something is in the way');
});

test('after a reload in a call the visitor is told, and calls again', async ({ page, panel, stack }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const first = panel.callId;
  // Kept a moment after the call is live.
  await expect(panel.inside.getByRole('textbox', { name: 'Type a message' })).toBeVisible();
  await page.reload();
  await expect(panel.inside.getByText('The page was reloaded')).toBeVisible();
  await expectAccessible(page);
  await expect.poll(async () => (await stack.emulator.call(first)).call_status).toBe('ended');
  await panel.button('Start call').click();
  await panel.expectState('live');
  expect(panel.callId).not.toBe(first);
});
