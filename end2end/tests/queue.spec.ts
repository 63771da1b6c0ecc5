// All lines of a key are busy: visitors wait in line, and are not refused.

import type { Browser } from '@playwright/test';
import { type Business, Panel } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

/** A visitor with a browser of their own. */
async function visitor(browser: Browser, business: Business, key: string, lang = 'en'): Promise<Panel> {
  const context = await browser.newContext();
  const panel = new Panel(await context.newPage(), { key, site: business.site, emulator: business.emulator });
  await panel.visit({ agent: 'agent_test_long', lang });
  await panel.warm();
  return panel;
}

test('who finds all lines busy waits, is told their place, and is called in turn', async ({ browser, business }) => {
  const key = await business.makeKey({ max_concurrent: 1 });
  const [first, second, third] = await Promise.all([
    visitor(browser, business, key),
    visitor(browser, business, key),
    visitor(browser, business, key, 'es'),
  ]);
  const told = second.page.evaluate(
    () => new Promise((done) => addEventListener('switchboard:call-waiting', (event) => done((event as CustomEvent).detail.position), { once: true })),
  );
  await first.call();
  await first.expectState('live');
  await second.call();
  await expect(second.inside.getByRole('status').getByText('You are next in line')).toBeVisible();
  await expect(second.alert).toBeHidden();
  expect(await told).toBe(1);
  await third.call();
  await expect(third.inside.getByText('Es el segundo de la fila')).toBeVisible();

  // The second visitor reads on; the call brings the panel back.
  await second.button('Close').click();
  await first.hangUp();
  await second.expectState('live');
  await expect(second.button('Hang up')).toBeVisible();
  await expect(second.inside.getByText('You are next in line')).toHaveCount(0);
  await expect(third.inside.getByText('Es el siguiente de la fila')).toBeVisible();

  // A page that is left keeps nobody waiting.
  const fourth = await visitor(browser, business, key, 'de');
  await fourth.call();
  await expect(fourth.inside.getByText('Sie sind an zweiter Stelle')).toBeVisible();
  await third.page.goto('about:blank');
  await expect(fourth.inside.getByText('Sie sind als Nächstes dran')).toBeVisible();
  await fourth.button('Nicht länger warten').click();
  await expect(fourth.button('Anruf starten')).toBeVisible();
  await second.hangUp();
  await fourth.expectState('ended');
  for (const panel of [first, second, third, fourth]) await panel.page.context().close();
});

test('who would rather not wait asks to be called back', async ({ browser, business }) => {
  const key = await business.makeKey({ max_concurrent: 1, modes: ['voice', 'callback'], countries: ['ES'] });
  const [first, second] = await Promise.all([visitor(browser, business, key), visitor(browser, business, key)]);
  await first.open();
  await first.button('Start call').click();
  await first.expectState('live');
  await second.open();
  await second.button('Start call').click();
  await second.button('Call me back instead').click();
  await expect(second.inside.getByRole('heading', { name: 'We call you back' })).toBeVisible();
  await expect(second.inside.getByText('You are next in line')).toHaveCount(0);
  for (const panel of [first, second]) await panel.page.context().close();
});
