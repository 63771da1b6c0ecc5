// Small things on the desk that are wrong in a way nobody sees at once.

import { Desk } from '../fixtures/desk.ts';
import { expect, test } from '../fixtures/test.ts';

test('each question of a page is announced by its own words', async ({ desk, stack, browser, business }) => {
  const { page } = desk;
  // Somewhere else, too, so that there is something to end.
  const elsewhere = await browser.newContext({ storageState: { cookies: business.cookies, origins: [] } });
  const mail = `robin@${business.id}.example`;
  const session = await elsewhere.request.post(`${stack.url}/api/desk/session`, { data: { email: mail, password: 'three words together' }, headers: { origin: stack.url } });
  expect(session.ok()).toBe(true);
  await elsewhere.close();
  await page.goto(`${stack.deskUrl}/settings/me`);
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  const question = page.getByRole('dialog', { name: 'Sign out everywhere else' });
  await expect(question).toHaveAccessibleDescription('Every other browser has to sign in again.');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map((it) => it.id));
  expect(ids.length).toBe(new Set(ids).size);
});

test('a date of another year says which', async ({ desk, business, stack }) => {
  const { page } = desk;
  const number = await business.addNumber('agent_test_short');
  const callId = (await stack.emulator.ring('+4930901820', number))?.call_id ?? '';
  await stack.emulator.end(callId, 'user_hangup');
  const year = new Date().getFullYear();
  await desk.open();
  await expect(desk.link(callId)).toBeVisible();
  await expect(desk.calls).not.toContainText(String(year));
  await page.clock.setFixedTime(new Date(year + 1, 6, 1));
  await page.reload();
  await expect(desk.link(callId)).toBeVisible();
  await expect(desk.calls).toContainText(String(year));
});

test('who has other times than the business is told whose they read, and nobody else', async ({ browser, business, stack }) => {
  const number = await business.addNumber('agent_test_short');
  const callId = (await stack.emulator.ring('+4930901820', number))?.call_id ?? '';
  await stack.emulator.end(callId, 'user_hangup');
  for (const [timezoneId, isElsewhere] of [
    ['America/New_York', true],
    // Another name for the same times.
    ['Europe/Madrid', false],
  ] as const) {
    const context = await browser.newContext({ storageState: { cookies: business.cookies, origins: [] }, timezoneId });
    const desk = new Desk(await context.newPage(), stack.deskUrl);
    await desk.open();
    await expect(desk.page.getByText('Times are in Europe/Berlin')).toHaveCount(isElsewhere ? 1 : 0);
    await desk.openCall(callId);
    const main = desk.page.getByRole('main');
    await expect(main).toContainText(/ at \d\d?:\d\d.[AP]M/);
    await expect(main.getByText(/ at \d\d?:\d\d.[AP]M GMT\+[12]/)).toHaveCount(isElsewhere ? 1 : 0);
    await context.close();
  }
});

test('a day that is typed is one filter, and one that comes before the first says so', async ({ desk }) => {
  const { page } = desk;
  await desk.open();
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    // What the stream has it catch up with is asked without a filter, whenever it opens.
    if (pathname === '/api/desk/calls' && search.includes('from=')) asked.push(search);
  });
  const more = await desk.moreFilters();
  const from = more.getByLabel('From', { exact: true });
  await from.focus();
  await page.keyboard.type('03152026');
  await expect(page).toHaveURL(/\?from=2026-03-15$/);
  await expect.poll(() => asked.length).toBe(1);
  expect(asked[0]).toContain('from=2026-03-15');
  const until = more.getByLabel('Until', { exact: true });
  await until.fill('2026-03-14');
  await expect(until).toHaveAttribute('aria-invalid', 'true');
  await expect(until).toHaveAccessibleDescription(/before the first one/);
  await until.fill('2026-03-15');
  await expect(until).not.toHaveAttribute('aria-invalid');
  // One step back takes the whole day back.
  await page.goBack();
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL(/\/desk\/calls$|\/desk$/);
});

test('what is stepped through with the arrows is one filter', async ({ desk }) => {
  const { page } = desk;
  await desk.open();
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('user_sentiment=')) asked.push(request.url());
  });
  const sentiment = (await desk.moreFilters()).getByLabel('Sentiment', { exact: true });
  await sentiment.focus();
  for (let step = 1; step <= 3; step++) await page.keyboard.press('ArrowDown');
  const third = await sentiment.inputValue();
  await expect(page).toHaveURL(new RegExp(`\\?user_sentiment=${third}$`));
  await expect.poll(() => asked.length).toBe(1);
  await page.goBack();
  await expect(page).toHaveURL(/\/desk\/calls$|\/desk$/);
});

test('what writes dates and numbers is made once', async ({ desk, business, stack }) => {
  const { page } = desk;
  await page.addInitScript(() => {
    const made: Record<string, number> = {};
    Object.assign(window, { made });
    for (const name of ['DateTimeFormat', 'NumberFormat', 'PluralRules'] as const) {
      const intl = Intl as unknown as Record<string, new (...args: unknown[]) => object>;
      intl[name] = new Proxy(intl[name], {
        construct(target, args) {
          const kind = `${name} ${JSON.stringify(args)}`;
          made[kind] = (made[kind] ?? 0) + 1;
          return new target(...args);
        },
      });
    }
  });
  const number = await business.addNumber('agent_test_short');
  for (const caller of ['+4930901820', '+4930901821', '+4930901822']) {
    const call = await stack.emulator.ring(caller, number);
    await stack.emulator.end(call?.call_id ?? '', 'user_hangup');
  }
  await desk.open();
  await expect(desk.calls.locator('[data-call]')).toHaveCount(3);
  await page.getByRole('link', { name: 'Call-backs' }).click();
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await expect(desk.calls.locator('[data-call]')).toHaveCount(3);
  const made = await page.evaluate(() => (window as unknown as { made: Record<string, number> }).made);
  expect(Object.keys(made).length).toBeGreaterThan(0);
  expect(Object.values(made).every((times) => times === 1), JSON.stringify(made)).toBe(true);
});
