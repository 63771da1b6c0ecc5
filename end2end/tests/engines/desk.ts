// The desk, as staff work with it: what is drawn is where it is clicked.

import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import type { Business } from 'switchboard-playwright';
import type { EngineTest } from '../../fixtures/engine/test.ts';
import { type Thing, WIDTHS } from '../../fixtures/engine/person.ts';

const PASSWORD = 'three words together';
const row = (call: string): Thing => ({ css: `tr:has(a[href$="${call}"])` });

/** Somebody telephones; the agent is on the line. */
async function ring(business: Business, number: string): Promise<string> {
  const call = await business.emulator.ring('+491701234567', number);
  if (call === undefined) throw new Error('the call was not taken');
  return call.call_id;
}

/** Calls that are over, for the list. */
async function someCalls(business: Business, many: number): Promise<string[]> {
  const number = await business.addNumber('agent_demo_de');
  const calls = await Promise.all(Array.from({ length: many }, () => ring(business, number)));
  for (const call of calls) await business.emulator.end(call, 'user_hangup');
  return calls;
}

export function desk(test: EngineTest): void {
  test('who is invited chooses a password, signs out, and in again', async ({ person, business, stack }) => {
    const email = `${randomUUID()}@example.com`;
    const invited = await business.ask('POST', '/api/desk/people', { email, name: 'Lea', role: 'agent' });
    await person.view.signIn(stack.url, []);
    await person.view.goto((invited as { url: string }).url);
    await person.fill({ css: '#new-password' }, PASSWORD);
    await person.fill({ css: '#password-again' }, PASSWORD);
    await person.expectTidyAtEveryWidth();
    await person.click({ css: 'button[type=submit]' });
    await person.expectSaid({ css: 'h1' }, 'Calls');
    await person.click({ css: '.sb-leave' });
    await person.fill({ css: '#email' }, email);
    await person.fill({ css: '#password' }, 'something else');
    await person.expectTidyAtEveryWidth();
    await person.view.press('Enter');
    await person.expectSaid({ css: '.sb-problem' }, /\S/);
    await person.view.goto(stack.deskUrl);
    await person.fill({ css: '#email' }, email);
    await person.fill({ css: '#password' }, PASSWORD);
    await person.click({ css: 'button[type=submit]' });
    await person.expectSaid({ css: 'h1' }, 'Calls');
  });

  test('what one is told of is chosen and kept, and told in the page', async ({ person, business, stack }) => {
    await person.view.signIn(stack.url, business.cookies);
    await person.view.goto(`${stack.url}/desk/settings/me`);
    await person.check({ css: '#notices-page' });
    await person.expectTidyAtEveryWidth();
    // What goes on already is no news.
    await person.view.goto(stack.deskUrl);
    await person.expectSaid({ css: 'h1' }, 'Calls');
    const number = await business.addNumber('agent_demo_de');
    await expect(async () => {
      const call = await ring(business, number);
      try {
        await person.expectSaid({ css: '.sb-notices' }, /A call begins/, 5_000);
      } finally {
        await business.emulator.end(call, 'user_hangup');
      }
    }).toPass();
  });

  for (const [width, height] of WIDTHS) {
    test(`every row opens its own call, ${width} pixels wide`, async ({ person, business, stack }) => {
      const calls = await someCalls(business, 3);
      await person.view.resize(width, height);
      await person.view.signIn(stack.url, business.cookies);
      for (const call of calls) {
        await person.view.goto(stack.deskUrl);
        // A row that comes later moves those below it.
        for (const each of calls) await person.box(row(each));
        await person.click(row(call));
        await person.expectAddress(new RegExp(`/desk/calls/${call}$`));
      }
      await person.expectTidy();
      await person.click({ css: '.sb-back' });
      await person.box(row(calls[0]));
      await person.expectTidy();
    });
  }

  for (const [width, height] of WIDTHS) {
    test(`filters are used, and a step back takes them back, ${width} pixels wide`, async ({ person, business, stack }) => {
      await person.view.resize(width, height);
      await person.view.signIn(stack.url, business.cookies);
      await person.view.goto(stack.deskUrl);
      await person.click({ css: '.sb-filters-more' });
      await person.choose({ css: '#filter-status' }, 'ended');
      await person.expectAddress(/\?status=ended$/);
      await person.expectTidy();
      await person.view.press('Escape');
      await person.click({ css: '#filter-number' });
      await person.view.type('+49 30 1234567');
      await person.view.press('Enter');
      await person.expectAddress(/number=/);
      await person.click({ css: '#filter-number' });
      await person.view.type('x');
      await person.view.press('Enter');
      await person.expectAttribute('#filter-number', 'aria-invalid', 'true');
      await person.expectTidy();
      await person.view.back();
      await person.expectAddress(/\?status=ended$/);
      // With the number goes what was said of it.
      await person.expectAttribute('#filter-number', 'aria-invalid', null);
    });
  }

  test('fields of every kind look alike', async ({ person, business, stack }) => {
    await person.view.signIn(stack.url, business.cookies);
    await person.view.goto(stack.deskUrl);
    await person.click({ css: '.sb-filters-more' });
    const select = await person.box({ css: '#filter-status' });
    const input = await person.box({ css: '#filter-number' });
    expect(select.height).toBe(input.height);
    // What is left to the system is grey in Safari, whatever colour was asked for.
    const own = await person.view.evaluate(
      'page',
      () => [...document.querySelectorAll('select')].map((it) => getComputedStyle(it).appearance),
      undefined,
    );
    expect(new Set(own)).toEqual(new Set(['none']));
  });

  test('a date that is not set shows none', async ({ person, business, stack }) => {
    await person.view.signIn(stack.url, business.cookies);
    await person.view.goto(stack.deskUrl);
    await person.click({ css: '.sb-filters-more' });
    await person.box({ css: 'input[type=date]' });
    const picture = () => person.view.screenshot();
    // In an engine that has no such part this changes nothing.
    const hide = (hidden: boolean) => {
      const sheet = new CSSStyleSheet();
      if (hidden) sheet.replaceSync('::-webkit-datetime-edit { opacity: 0 !important; }');
      document.adoptedStyleSheets = [sheet];
    };
    // Something else may move between two pictures, never between any two of them.
    await expect(async () => {
      const before = await picture();
      await person.view.evaluate('page', hide, true);
      const hidden = await picture();
      await person.view.evaluate('page', hide, false);
      expect(hidden.equals(before)).toBe(true);
    }).toPass();
  });

  test('a call is read while it goes on, and heard when it is over', async ({ person, business, stack }) => {
    const call = await ring(business, await business.addNumber('agent_demo_de'));
    await person.view.signIn(stack.url, business.cookies);
    await person.view.goto(`${stack.url}/desk/calls/${call}`);
    await stack.emulator.say(call, 'agent', 'The plumber comes on Friday.');
    await person.expectSaid({ css: '.sb-transcript' }, 'The plumber comes on Friday.');
    await stack.emulator.end(call, 'user_hangup');
    await person.box({ css: '[role=slider]' });
    await person.expectTidyAtEveryWidth();
    const position = () => person.view.evaluate('page', () => document.querySelector('audio')?.currentTime ?? 0, undefined);
    // WebKit's port to GTK stands still after a jump now and then: then once more.
    await expect(async () => {
      await person.click({ css: '.sb-transcript button' });
      await expect.poll(position, { message: 'the recording plays', timeout: 10_000 }).toBeGreaterThan(0.3);
    }).toPass();
  });

  test('every part of the settings, on a telephone and on a desk', async ({ person, business, stack }) => {
    const scopes = ['calls', 'contacts', 'keys', 'webhooks', 'tenant'].flatMap((it) => [`${it}:read`, `${it}:write`]);
    const name = 'The booking assistant of the practice in the Bahnhofstraße';
    await business.ask('POST', '/api/desk/api-keys', { name, scopes });
    await person.view.signIn(stack.url, business.cookies);
    await person.view.goto(`${stack.url}/desk/settings`);
    await person.box({ css: '.sb-settings-link' });
    const parts = await person.view.evaluate(
      'page',
      () => [...document.querySelectorAll('.sb-settings-link')].map((it) => it.getAttribute('href') ?? ''),
      undefined,
    );
    expect(parts.length).toBeGreaterThan(8);
    for (const part of [...parts, '/desk/callbacks', '/desk/calendar']) {
      await test.step(part, async () => {
        await person.click({ css: `a[href="${part}"]` });
        await person.expectAddress(new RegExp(`${part}$`));
        await person.box({ css: 'h1' });
        await person.expectGone({ css: '.sb-skeleton' });
        await person.expectTidyAtEveryWidth();
        // There is room for dates and addresses in one line, and a long name is not a column of words.
        expect(await person.view.evaluate('page', broken, name)).toEqual([]);
      });
    }
  });
}

/** What a table breaks though it is one word, or a time; and this name, where it takes more than four lines. */
const broken = (name: string) => {
  const range = document.createRange();
  const lines = (it: Element) => {
    range.selectNodeContents(it);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  };
  const whole = document.querySelectorAll('.sb-table :is(.sb-id, time)');
  // An address, say; what is longer than one has room for may go on in the next line.
  const short = [...whole].filter((it) => (it.textContent?.length ?? 0) <= 24);
  const names = [...document.querySelectorAll('.sb-table *')].filter((it) => it.childElementCount === 0 && it.textContent?.trim() === name);
  return [...short.filter((it) => lines(it) > 1), ...names.filter((it) => lines(it) > 4)].map((it) => it.textContent);
};
