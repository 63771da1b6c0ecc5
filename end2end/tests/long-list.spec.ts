// A list of a hundred thousand calls: scrolled to its end, read by rows, and walked with the keyboard.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';

const ALL = 100_000;
/** So many come at once: what is tried is the table, not the way here. */
const PAGE = 10_000;
const MINUTE_MS = 60_000;
/** The newest: yesterday, so that none of them is of a day that begins meanwhile. */
const NEWEST = Date.now() - 86_400_000;

/** Calls as the server lists them, from one on. */
function calls(from: number): object {
  const items = Array.from({ length: Math.min(PAGE, ALL - from) }, (_, nth) => ({
    id: `call_${from + nth}`,
    call_type: 'web_call',
    agent_id: 'agent_1',
    agent_name: 'Emma',
    about: `Number ${from + nth}`,
    status: 'ended',
    created_at: NEWEST - (from + nth) * 3 * MINUTE_MS,
    started_at: NEWEST - (from + nth) * 3 * MINUTE_MS,
    duration_ms: 60_000,
    has_recording: false,
  }));
  const next = from + PAGE;
  return { items, next_cursor: next < ALL ? String(next) : null };
}

async function fill(page: Page): Promise<void> {
  await page.route('**/api/desk/calls?*', (route) => {
    const parameters = new URL(route.request().url()).searchParams;
    if (parameters.has('status')) return route.fulfill({ json: { items: [], next_cursor: null } });
    return route.fulfill({ json: calls(Number(parameters.get('cursor') ?? 0)) });
  });
}

test('a hundred thousand calls scroll, and only those are drawn that can be seen', async ({ desk }) => {
  const { page } = desk;
  await fill(page);
  await desk.open();
  const rows = desk.calls.locator('tbody tr:has(a)');
  await expect(desk.calls).toHaveAttribute('aria-rowcount', '-1');
  const last = desk.link(`call_${ALL - 1}`);
  // Each end is only where the next page begins.
  await expect(async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await expect(last).toBeVisible({ timeout: 200 });
  }).toPass({ intervals: [50] });
  expect(await rows.count()).toBeLessThan(400);
  // Each day has a heading, and the table its own.
  const count = Number(await desk.calls.getAttribute('aria-rowcount'));
  expect(count).toBeGreaterThan(ALL + (ALL * 3) / 1_440);
  await expect(rows.last()).toHaveAttribute('aria-rowindex', String(count));

  await last.focus();
  await page.keyboard.press('ArrowUp');
  await expect(desk.link(`call_${ALL - 2}`)).toBeFocused();
  await page.keyboard.press('Home');
  await expect(desk.link('call_0')).toBeFocused();
  await expect(desk.link('call_0')).toBeInViewport();
  await expect(rows.first()).toHaveAttribute('aria-rowindex', '3');
  for (let row = 1; row <= 60; row++) await page.keyboard.press('ArrowDown');
  await expect(desk.link('call_60')).toBeFocused();
  await page.keyboard.press('End');
  await expect(last).toBeFocused();
  await expect(last).toBeInViewport();
  expect(await rows.count()).toBeLessThan(400);

  // In the middle of it, a page is as quick as at its end.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
  await expect(rows.filter({ hasText: /Number [45]\d{4}/ }).first()).toBeVisible();
});
