// A call is opened where something was said, its moments are given on as links, and what was said
// in it is deleted, or all of it.

import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('a line that was looked for is marked, a moment is a link, and words and calls are deleted', async ({ panel, desk, business, stack }) => {
  const { page } = desk;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await panel.visit();
  await panel.callUntilHeard();
  await panel.speakAndBeSent('hello');
  await expect(panel.transcript).toContainText('Yes, I can hear you well.');
  const { callId } = panel;
  await panel.hangUp();
  const found = async () => ((await business.ask('GET', '/api/desk/calls?text=well')) as { items: { id: string }[] }).items.map((it) => it.id);
  await expect.poll(found).toContain(callId);

  const marked = desk.transcript.locator('[aria-current="true"]');
  await test.step('the line that was looked for', async () => {
    await desk.open();
    const more = await desk.moreFilters();
    await more.getByLabel('Said in the call').fill('WELL');
    await expect(page).toHaveURL(/\?text=WELL$/);
    await more.getByRole('button', { name: 'Close' }).click();
    await desk.openCall(callId);
    await expect(page.getByText(/^Looked for: “WELL”\. Line 1 of \d+ with it\.$/)).toBeVisible();
    await expect(marked).toHaveCount(1);
    await expect(marked).toContainText('Yes, I can hear you well.');
    await expect(marked).toBeInViewport();
    await page.getByRole('button', { name: 'Next line with it' }).click();
    await expect(marked).toHaveCount(1);
    await expectAccessible(page);
  });

  await test.step('a moment is copied as a link, and opened by it', async () => {
    const player = page.getByRole('group', { name: 'Recording of this call' });
    const position = player.getByRole('slider', { name: 'Position' });
    await expect.poll(() => desk.player.evaluate((audio: HTMLAudioElement) => audio.duration)).toBeGreaterThan(2);
    await position.press('End');
    const whole = Number(await position.getAttribute('aria-valuemax'));
    await player.getByRole('button', { name: 'Copy link to this moment' }).click();
    await expect(player.getByText('The link is copied.')).toBeVisible();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(new RegExp(`/desk/calls/${callId}\\?at=0:\\d\\d$`));
    expect(Number(link.slice(-2))).toBeGreaterThanOrEqual(whole - 1);
    await page.goto(`${stack.deskUrl}/calls/${callId}?at=0:02`);
    const at = () => desk.player.evaluate((audio: HTMLAudioElement) => audio.currentTime);
    await expect.poll(at).toBeCloseTo(2, 1);
    await expect(marked).toHaveCount(1);
    expect(await desk.player.evaluate((audio: HTMLAudioElement) => audio.paused)).toBe(true);
  });

  await test.step('what was said is deleted, and the figures stay', async () => {
    const more = page.getByRole('button', { name: 'Actions', exact: true });
    const item = (name: string) => page.getByRole('menu', { name: 'Actions' }).getByRole('menuitem', { name });
    // Arrows, letters and Escape, as in any menu; the letters are no keys of the page's.
    await more.press('ArrowDown');
    await expect(item('Copy the link to this call')).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expect(item('Delete this call')).toBeFocused();
    await page.keyboard.press('c');
    await expect(item('Copy the link to this call')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(item('Download the recording')).toBeFocused();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menu')).toHaveCount(0);
    await expect(more).toBeFocused();
    await more.press('Enter');
    const [download] = await Promise.all([page.waitForEvent('download'), item('Download the recording').click()]);
    expect(download.suggestedFilename()).toMatch(/^recording/);
    await expect(page.getByRole('menu')).toHaveCount(0);
    await more.press('Enter');
    await expect(page.getByRole('menuitem').first()).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByText('The link is copied.')).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${stack.deskUrl}/calls/${callId}`);
    await expect(more).toBeFocused();
    await more.click();
    await desk.heading('Transcript').click();
    await expect(page.getByRole('menu')).toHaveCount(0);

    await more.press('Enter');
    await expect(page.getByRole('menuitem').first()).toBeFocused();
    // Letters that are typed soon after each other are one word's.
    await expect(async () => {
      await page.keyboard.type('de');
      await expect(item('Delete what was said')).toBeFocused({ timeout: 500 });
    }).toPass();
    await page.keyboard.press('Space');
    const question = page.getByRole('dialog', { name: 'Delete what was said in this call?' });
    await expect(question).toContainText('go for good, here and at Retell');
    await expectAccessible(page);
    await question.getByRole('button', { name: 'Cancel' }).click();
    await expect(more).toBeFocused();
    await expect(desk.transcript).toContainText('Yes, I can hear you well.');
    await more.click();
    await item('Delete what was said').click();
    await question.getByRole('button', { name: 'Delete what was said' }).click();
    const notice = page.getByText(/^What was said in this call was deleted on /);
    await expect(notice).toBeVisible();
    // A notice looks as one, whatever other pages call so.
    const ground = await page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement('p'));
      probe.style.background = 'var(--sb-warn-soft)';
      const { backgroundColor } = getComputedStyle(probe);
      probe.remove();
      return backgroundColor;
    });
    await expect(notice).toHaveCSS('background-color', ground);
    await expect(desk.transcript).not.toContainText('Yes, I can hear you well.');
    await expect(desk.player).toHaveCount(0);
    await expect.poll(found).not.toContain(callId);
    await page.reload();
    await expect(page.getByText(/^What was said in this call was deleted on /)).toBeVisible();
    await expectAccessible(page);
  });

  await test.step('and all of it', async () => {
    await page.getByRole('button', { name: 'Actions', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Delete this call' }).click();
    const question = page.getByRole('dialog', { name: 'Delete this call?' });
    await question.getByRole('button', { name: 'Delete this call' }).click();
    await expect(page).toHaveURL(/\/desk\/calls(\?|$)/);
    await page.goto(`${stack.deskUrl}/calls/${callId}`);
    await expect(page.getByRole('link', { name: callId })).toHaveCount(0);
    await expect(desk.player).toHaveCount(0);
  });
});
