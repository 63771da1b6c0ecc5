// The call list shows what is asked for, and goes on doing so by itself.

import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('filters are in the address, go back, and hold for calls that change', async ({ panel, desk }) => {
  await desk.open();
  await panel.visit();
  await panel.callUntilHeard();
  const { callId } = panel;
  const { page: list } = desk;
  await expect(desk.link(callId)).toBeVisible();

  const quick = (name: string) => list.getByRole('group', { name: 'Quick filters' }).getByRole('button', { name });
  const more = await desk.moreFilters();
  await more.getByLabel('Status', { exact: true }).selectOption({ label: 'Ended' });
  await expect(list).toHaveURL(/\?status=ended$/);
  await expect(desk.link(callId)).toHaveCount(0);
  await more.getByLabel('Status', { exact: true }).selectOption({ label: 'Live' });
  await expect(desk.link(callId)).toBeVisible();
  await expect(quick('Live')).toHaveAttribute('aria-pressed', 'true');
  await more.getByLabel('Kind', { exact: true }).selectOption({ label: 'Web call' });
  await more.getByRole('button', { name: 'Close' }).click();
  await expect(more).toBeHidden();
  await expect(list.getByRole('status').filter({ hasText: '2 filters' })).toBeAttached();

  // Shared, and taken back.
  await list.reload();
  await expect(desk.link(callId)).toBeVisible();
  await expect(list.getByRole('button', { name: 'Remove filter: Kind: Web call' })).toBeVisible();
  await list.goBack();
  await expect(list).toHaveURL(/\?status=live$/);
  await expect(list.getByRole('button', { name: 'Remove filter: Kind: Web call' })).toHaveCount(0);
  await expect(desk.link(callId)).toBeVisible();

  // A call and back keeps them.
  await desk.openCall(callId);
  await list.getByRole('link', { name: 'All calls' }).click();
  await expect(list).toHaveURL(/\?status=live$/);
  await expect(desk.link(callId)).toBeVisible();

  // The call leaves the live ones by itself, and is among those that are over.
  await panel.button('Hang up').click();
  await expect(desk.link(callId)).toHaveCount(0);
  await quick('Live').click();
  await expect(quick('Live')).toHaveAttribute('aria-pressed', 'false');
  await expect(list).toHaveURL(/\/desk\/calls$/);
  await expect(desk.link(callId)).toBeVisible();
});

test('on a narrow screen a number is looked for, and nothing found can be undone', async ({ desk }) => {
  const { page } = desk;
  await page.setViewportSize({ width: 375, height: 740 });
  await desk.open();
  const number = page.getByRole('searchbox', { name: 'number, name or words' });
  await number.fill('12');
  await number.press('Enter');
  await expect(number).toHaveAttribute('aria-invalid', 'true');
  await number.fill('+49 30 000 0000');
  await number.press('Enter');
  await expect(number).not.toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('No calls match these filters')).toBeVisible();
  // What was typed and not taken goes with what history takes back.
  await number.fill('12');
  await number.press('Enter');
  await expect(number).toHaveAttribute('aria-invalid', 'true');
  await page.goBack();
  await expect(number).toHaveValue('');
  await expect(number).not.toHaveAttribute('aria-invalid', 'true');
  await page.goForward();
  await expect(page.getByText('No calls match these filters')).toBeVisible();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(375);
  await page.getByRole('button', { name: 'Clear all' }).first().click();
  await expect(page.getByText('No calls match these filters')).toHaveCount(0);
  await expect(number).toHaveValue('');

  // The others come in from the side, over the whole screen, and go on Escape.
  await page.getByRole('button', { name: 'More filters' }).press('Enter');
  const more = page.getByRole('dialog', { name: 'More filters' });
  await expect(more.getByLabel('Sentiment', { exact: true })).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect(more).toBeHidden();
  await expect(page.getByRole('button', { name: 'More filters' })).toBeFocused();
});

test('what is no number is looked for in what was said', async ({ panel, desk, business }) => {
  const { page } = desk;
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.transcript).toContainText('short test call');
  await panel.hangUp();
  const found = async () => ((await business.ask('GET', '/api/desk/calls?text=short')) as { items: { id: string }[] }).items.map(({ id }) => id);
  await expect.poll(found).toContain(panel.callId);
  await desk.open();
  await expect(desk.link(panel.callId)).toBeVisible();
  const search = page.getByRole('searchbox', { name: 'number, name or words' });
  await search.fill('+49 30 000 0000');
  await search.press('Enter');
  await expect(desk.link(panel.callId)).toHaveCount(0);
  await search.fill('Short TEST');
  await search.press('Enter');
  await expect(search).not.toHaveAttribute('aria-invalid', 'true');
  await expect(page).toHaveURL(/\?text=Short(\+|%20)TEST$/);
  await expect(desk.link(panel.callId)).toBeVisible();
  // The field says so; nothing else need.
  await expect(page.getByRole('button', { name: /^Remove filter/ })).toHaveCount(0);
  await page.reload();
  await expect(search).toHaveValue('Short TEST');
  await expect(desk.link(panel.callId)).toBeVisible();
  // While it is typed, as far as it is.
  await search.fill('neverwassaid');
  await expect(page.getByText('No calls match these filters')).toBeVisible();
  await search.fill('Short TE');
  await expect(desk.link(panel.callId)).toBeVisible();
  await search.fill('neverwassaid');
  await expect(page.getByText('No calls match these filters')).toBeVisible();
  await search.fill('');
  await expect(desk.link(panel.callId)).toBeVisible();
  await expect(page).toHaveURL(/\/desk\/calls$/);
});

test('a filter that was chosen in the moment of leaving changes no other page’s address', async ({ desk }) => {
  const { page } = desk;
  await desk.open();
  const more = await desk.moreFilters();
  const sentiment = more.getByLabel('Sentiment', { exact: true });
  await sentiment.selectOption('Positive');
  await expect(page).toHaveURL(/\?user_sentiment=Positive$/);
  // Chosen and left in one go, as who is quick with the keys does. A choice settles in 300 ms:
  // the timer that is set after it and takes longer fires after it.
  await sentiment.evaluate((select: HTMLSelectElement) => {
    select.value = 'Negative';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    document.querySelector<HTMLElement>('nav a[href="/desk/contacts"]')?.click();
    return new Promise((settled) => setTimeout(settled, 600));
  });
  await expect(page.getByRole('heading', { name: 'Contacts', level: 1 })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/desk/contacts');
  await page.goBack();
  await expect(page).toHaveURL(/\?user_sentiment=Positive$/);
});

test('days that are often wanted are one press, any others are picked, and both are said as dates', async ({ panel, desk }) => {
  const { page } = desk;
  await panel.visit();
  await panel.callUntilHeard();
  await panel.hangUp();
  await desk.open();
  await expect(desk.link(panel.callId)).toBeVisible();
  const more = await desk.moreFilters();
  const when = more.getByRole('group', { name: 'When' });
  const preset = (name: string) => when.getByRole('button', { name });
  const asked = (name: string) => new URL(page.url()).searchParams.get(name);
  const days = (from: string, until: string) => (Date.parse(until) - Date.parse(from)) / 86_400_000;

  await preset('Yesterday').press('Enter');
  await expect(preset('Yesterday')).toHaveAttribute('aria-pressed', 'true');
  await expect(desk.link(panel.callId)).toHaveCount(0);
  const yesterday = asked('from') ?? '';
  expect(asked('until')).toBe(yesterday);
  await expect(when.getByLabel('From', { exact: true })).toHaveValue(yesterday);
  await expect(when.getByLabel('Until', { exact: true })).toHaveValue(yesterday);
  await preset('Last 7 days').click();
  await expect(preset('Yesterday')).toHaveAttribute('aria-pressed', 'false');
  await expect(desk.link(panel.callId)).toBeVisible();
  expect(days(asked('from') ?? '', yesterday)).toBe(5);
  expect(asked('until')).toBeNull();
  await preset('Last 30 days').click();
  await expect.poll(() => days(asked('from') ?? '', yesterday)).toBe(28);
  // Pressed again it asks for nothing; on some days of a month two of them are the same.
  await preset('Last 30 days').click();
  await expect.poll(() => asked('from')).toBeNull();
  await preset('This month').click();
  await expect.poll(() => asked('from')).toMatch(/-01$/);
  await preset('This month').click();
  await expect.poll(() => asked('from')).toBeNull();
  // What is one press away beside the list is the same.
  await preset('Today').click();
  await expect(page.getByRole('button', { name: 'Today', exact: true, pressed: true })).toHaveCount(2);
  await preset('Today').click();
  await expect.poll(() => asked('from')).toBeNull();
  await when.getByLabel('From', { exact: true }).fill('2025-03-15');
  await expect(page.getByRole('button', { name: 'Remove filter: From: Mar 15, 2025' })).toBeAttached();
  await expect(preset('This month')).toHaveAttribute('aria-pressed', 'false');
  await expectAccessible(page, '#more-filters');
});
