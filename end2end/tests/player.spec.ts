// A call is heard again: seen as two voices, read along word by word, and gone about in.

import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('a recording is heard: words light up, a press and a key go elsewhere, silence is left out', async ({ panel, desk }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await panel.speakAndBeSent('hello');
  await expect(panel.transcript).toContainText('Yes, I can hear you well.');
  // Nobody speaks for a while.
  const since = Date.now();
  await expect.poll(() => Date.now() - since).toBeGreaterThan(3_000);
  const { callId } = panel;
  await panel.hangUp();

  const { page } = desk;
  await desk.open();
  await desk.openCall(callId);
  const player = page.getByRole('group', { name: 'Recording of this call' });
  const position = player.getByRole('slider', { name: 'Position' });
  const button = (name: string) => player.getByRole('button', { name, exact: true });
  const at = () => desk.player.evaluate((audio: HTMLAudioElement) => audio.currentTime);
  // The visitor and the agent, and what was heard of each.
  await expect(player.locator('svg[viewBox="0 0 160 2"]')).toHaveCount(4);

  await test.step('a word is pressed, heard from there, and lit', async () => {
    const word = desk.transcript.locator('.sb-word', { hasText: 'can' }).last();
    const spoken = Number(await word.getAttribute('data-ms')) / 1_000;
    expect(spoken).toBeGreaterThan(0);
    // A word is lit for less than a look takes: who reads along notes them.
    await desk.transcript.evaluate((log) => {
      const lit: string[] = [];
      Object.assign(window, { lit });
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          if (target instanceof Element && target.matches('.sb-word-lit')) lit.push(target.textContent ?? '');
        }
      }).observe(log, { subtree: true, attributeFilter: ['class'] });
    });
    await word.click();
    const lit = () => page.evaluate(() => (window as unknown as { lit: string[] }).lit.slice(0, 3));
    await expect.poll(lit).toEqual(['can', 'hear', 'you']);
    await expect(button('Pause')).toBeVisible();
    expect(await at()).toBeGreaterThanOrEqual(spoken);
    await expect(desk.transcript.locator('[aria-current="true"]')).toHaveCount(1);
  });

  await test.step('by keyboard alone', async () => {
    await button('Pause').press('Enter');
    await expect(button('Play')).toBeFocused();
    // While nothing plays: a look takes longer than some recordings.
    await expectAccessible(page);
    await position.press('Home');
    await expect(position).toHaveAttribute('aria-valuetext', /^0:00 of 0:\d\d$/);
    await position.press('ArrowRight');
    await expect(position).toHaveAttribute('aria-valuetext', /^0:05 of 0:\d\d$/);
    await position.press('Space');
    await expect(button('Pause')).toBeVisible();
    await position.press('Space');
    await expect(button('Play')).toBeVisible();
  });

  await test.step('where the picture is pressed', async () => {
    const box = await position.boundingBox();
    if (box === null) throw new Error('the picture has no place');
    await position.click({ position: { x: box.width / 2, y: box.height / 2 } });
    const length = await desk.player.evaluate((audio: HTMLAudioElement) => audio.duration);
    expect(Math.abs((await at()) - length / 2)).toBeLessThan(0.5);
  });

  await test.step('faster, and without the silence', async () => {
    await player.getByRole('combobox', { name: 'Speed' }).selectOption('2×');
    expect(await desk.player.evaluate((audio: HTMLAudioElement) => audio.playbackRate)).toBe(2);
    await player.getByRole('switch', { name: 'Skip silence' }).check();
    // From where it is left out to where it goes on.
    const left = desk.player.evaluate(
      (audio: HTMLAudioElement) =>
        new Promise<number>((resolve) => {
          let before = audio.currentTime;
          // That it goes elsewhere may be known before it is told.
          audio.addEventListener('timeupdate', () => (before = audio.seeking ? before : audio.currentTime));
          audio.addEventListener('seeking', () => resolve(audio.currentTime - before));
        }),
    );
    await button('Play').click();
    expect(await left).toBeGreaterThan(0.5);
  });

  await test.step('as a link to the recording leads there', async () => {
    await page.goto(`${page.url()}?open=recording`);
    await expect(player.locator('.sb-player-play')).toBeFocused();
  });
});
