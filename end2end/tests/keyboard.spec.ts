// A whole call without a mouse.

import { expect, test } from '../fixtures/test.ts';

test('call, mute, hang up and close with the keyboard', async ({ page, panel }) => {
  await panel.visit();
  // From the link before the launcher, one step.
  await page.getByRole('link', { name: 'Opening hours' }).focus();
  await page.keyboard.press('Tab');
  await expect(panel.launcher).toBeFocused();
  await page.keyboard.press('Enter');
  await panel.expectState('live');
  await panel.expectAgentHeard();

  const reach = async (name: string) => {
    const button = panel.button(name);
    await expect(button).toBeVisible();
    for (let step = 0; step < 20; step++) {
      if (await button.evaluate((it) => it === it.ownerDocument.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${name} cannot be reached with Tab`);
  };
  await reach('Mute');
  await page.keyboard.press('Space');
  // The name says it all: a pressed "Unmute" would say the opposite.
  const unmute = panel.button('Unmute');
  await expect(unmute).toBeFocused();
  await expect(unmute).not.toHaveAttribute('aria-pressed');
  await expect(panel.inside.getByText('You are muted')).toBeVisible();
  await reach('Hang up');
  await page.keyboard.press('Enter');
  await panel.expectEnded();
  await expect(panel.button('Hang up')).toBeHidden();
  // The button that had the keyboard is gone; the keyboard stays in the panel.
  await expect(panel.root).toBeFocused();
  await reach('Close');
  await page.keyboard.press('Enter');
  await expect(page.locator('iframe[src*="/panel"]')).toBeHidden();
  await expect(panel.launcher).toBeFocused();
});

test('Escape that ends the composing of a word closes nothing', async ({ page, panel }) => {
  await panel.visit();
  await panel.open();
  const press = (composing: { isComposing?: boolean; keyCode?: number }) =>
    panel.root.evaluate((it, init) => void it.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, ...init })), composing);
  const isOpen = () => page.evaluate(() => document.querySelector('switchboard-call')?.isOpen);
  // As most engines say it, and as Safari does.
  for (const composing of [{ isComposing: true }, { keyCode: 229 }]) {
    await press(composing);
    expect(await isOpen()).toBe(true);
  }
  await press({});
  await expect.poll(isOpen).toBe(false);
});

test('Escape closes the panel after the call', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await panel.hangUp();
  await page.keyboard.press('Escape');
  await expect(page.locator('iframe[src*="/panel"]')).toBeHidden();
});
