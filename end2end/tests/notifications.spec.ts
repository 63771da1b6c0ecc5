// What somebody is told of while they do something else: in the page, by the browser, by a sound.

import type { BrowserContext, Page } from '@playwright/test';
import { expectAccessible } from '../fixtures/axe.ts';
import { choose, ready, ring, toasts } from '../fixtures/notices.ts';
import { expect, test } from '../fixtures/test.ts';

interface Spied {
  /** What the browser was to show, and what happens when it is pressed. */
  shown: { title: string; body: string; press: () => void }[];
  /** The loudest that was to be heard. */
  peak: number;
  focused: boolean;
}

declare global {
  interface Window {
    spied: Spied;
  }
}

/** Has the browser show notifications to the test, as far as they are allowed, and measures what is heard. */
async function spy(target: Page | BrowserContext, answer: NotificationPermission = 'granted'): Promise<void> {
  await target.addInitScript((answer) => {
    const spied: Spied = { shown: [], peak: 0, focused: true };
    window.spied = spied;
    document.hasFocus = () => spied.focused;
    class Shown extends EventTarget {
      static get permission(): string {
        return localStorage.getItem('spied-permission') ?? 'default';
      }
      static requestPermission(): Promise<string> {
        localStorage.setItem('spied-permission', answer);
        return Promise.resolve(answer);
      }
      constructor(title: string, { body }: { body: string }) {
        super();
        spied.shown.push({ title, body, press: () => this.dispatchEvent(new Event('click')) });
      }
      close(): void {}
    }
    Object.assign(window, { Notification: Shown });
    const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode;
    AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode) {
      if (to instanceof AudioDestinationNode) {
        // It has all of a tone at once, however seldom it is asked.
        const meter = new AnalyserNode(to.context, { fftSize: 32_768 });
        connect.call(this, meter);
        const samples = new Float32Array(meter.fftSize);
        const measuring = setInterval(() => {
          meter.getFloatTimeDomainData(samples);
          spied.peak = Math.max(spied.peak, ...samples.map(Math.abs));
        }, 50);
        setTimeout(() => clearInterval(measuring), 5_000);
      }
      return connect.call(this, to);
    } as AudioNode['connect'];
  }, answer);
}

const shown = (page: Page) => page.evaluate(() => window.spied.shown.map(({ title, body }) => `${title} ${body}`));
const peak = (page: Page) => page.evaluate(() => window.spied.peak);
const forgetSounds = (page: Page) =>
  page.evaluate(() => {
    window.spied.peak = 0;
  });

test('one chooses what to be told of, and how; the browser is asked when it is wanted', async ({ desk, stack }) => {
  const { page } = desk;
  await spy(page);
  await page.goto(`${stack.url}/desk/settings/me`);
  const section = page.getByRole('region', { name: 'Notifications' });
  await expect(section.getByRole('checkbox', { name: 'A call begins' })).toBeChecked();
  await expect(section.getByRole('checkbox', { name: 'By the browser' })).not.toBeChecked();
  await expectAccessible(page);

  await section.getByRole('checkbox', { name: 'By the browser' }).check();
  await expect(section).toContainText('The browser shows them.');
  expect(await shown(page)).toEqual(['Notifications This is how you are told.']);
  await section.getByLabel('Volume').fill('0');
  await section.getByRole('button', { name: 'Try it' }).click();
  await expect(section).toContainText('It was played.');
  expect(await peak(page)).toBe(0);
  await section.getByLabel('Volume').fill('80');
  await section.getByRole('button', { name: 'Try it' }).click();
  await expect.poll(() => peak(page)).toBeGreaterThan(0.3);
  await section.getByRole('checkbox', { name: 'By a sound' }).check();
  await section.getByRole('checkbox', { name: 'A call-back becomes due' }).uncheck();
  await section.getByLabel('Warnings during calls').selectOption({ label: 'Those that flag the call for a supervisor' });
  await expectAccessible(page);

  // It is kept, in this browser.
  await page.reload();
  await expect(section.getByRole('checkbox', { name: 'By a sound' })).toBeChecked();
  await expect(section.getByRole('checkbox', { name: 'A call-back becomes due' })).not.toBeChecked();
  await expect(section.getByLabel('Warnings during calls')).toHaveValue('high');
  await expect(section.getByLabel('Volume')).toHaveValue('80');
});

test('a browser that is not to show notifications, or has none, is said to', async ({ desk, stack }) => {
  const { page } = desk;
  await spy(page, 'denied');
  await page.goto(`${stack.url}/desk/settings/me`);
  const section = page.getByRole('region', { name: 'Notifications' });
  const switched = section.getByRole('checkbox', { name: 'By the browser' });
  await switched.click();
  await expect(section).toContainText('The browser was told not to show notifications of this site.');
  await expect(switched).not.toBeChecked();
  await page.addInitScript(() => Object.assign(window, { Notification: undefined }));
  await page.reload();
  await expect(section).toContainText('This browser shows no notifications of this page.');
  await switched.click();
  await expect(switched).not.toBeChecked();
});

test('a call that begins is told in the page, by the browser and by a sound', async ({ desk, panel }) => {
  const { page } = desk;
  await spy(page);
  await desk.open();
  await page.getByRole('link', { name: 'Call-backs' }).click();
  await choose(page, { page: true, browser: true, sound: true });
  await page.evaluate(() => localStorage.setItem('spied-permission', 'granted'));
  await ready(page);
  // Whoever is at the page needs no notification over it.
  await page.getByRole('heading', { level: 1 }).click();
  await panel.visit();
  await panel.callUntilHeard();
  const { callId } = panel;
  const first = toasts(page);
  await expect(first).toHaveCount(1);
  await expect(first).toContainText('A call begins: Web call');
  await expect(page.getByRole('status').filter({ hasText: 'A call begins' })).toBeVisible();
  await expect.poll(() => peak(page)).toBeGreaterThan(0.1);
  expect(await shown(page)).toEqual([]);
  // It stays while somebody is at it.
  await first.hover();
  await expectAccessible(page);
  await first.getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(`/desk/calls/${callId}$`));
  await expect(first).toHaveCount(0);
  await panel.hangUp();
});

test('who looks elsewhere is told by the browser, and a press opens the call', async ({ desk, business }) => {
  const { page } = desk;
  await spy(page);
  await desk.open();
  await choose(page, { browser: true });
  await page.evaluate(() => localStorage.setItem('spied-permission', 'granted'));
  await ready(page);
  await page.evaluate(() => {
    window.spied.focused = false;
  });
  const call = await ring(business, await business.addNumber('agent_demo_de'));
  await expect.poll(() => shown(page)).toEqual(['A call begins: +491701234567']);
  await expect(toasts(page)).toHaveCount(0);
  await page.evaluate(() => window.spied.shown[0].press());
  await expect(page).toHaveURL(new RegExp(`/desk/calls/${call}$`));
  await business.emulator.end(call, 'user_hangup');
});

test('warnings are told from a severity on, and call-backs that are due', async ({ desk, business, panel }) => {
  const { page } = desk;
  const words = (await business.ask('POST', '/api/desk/warning-rules', { name: 'Says hello', when: 'caller_says', words: ['hello'] })) as { id: string };
  expect(words.id).toBeTruthy();
  await business.ask('POST', '/api/desk/warning-rules', { name: 'Is not an AI', when: 'agent_omits', words: ['an AI'], seconds: 5, severity: 'high' });
  await spy(page);
  await desk.open();
  await choose(page, { page: true, begun: false, warned: 'high' });
  const due = {
    id: 'callback_1',
    state: 'scheduled',
    name: 'Ana García',
    phone: '+34612345678',
    agent_id: 'agent_demo_es',
    created_at: 0,
    consent: { text: 'Yes.' },
  };
  await page.route('**/api/desk/callbacks?limit=100', (route) => route.fulfill({ json: { items: [{ ...due, due_at }] } }));
  const due_at = Date.now() + 4_000;
  await ready(page);
  await expect(toasts(page).filter({ hasText: 'A call-back is due: Ana García' })).toBeVisible();

  await panel.visit();
  await panel.callUntilHeard();
  await panel.speakAndBeSent('hello');
  const warned = page.getByRole('alert').filter({ hasText: 'Is not an AI:' });
  await expect(warned).toBeVisible({ timeout: 30_000 });
  const { callId } = panel;
  const names = async () => {
    const { warnings } = (await business.ask('GET', `/api/desk/calls/${callId}`)) as { warnings: { name: string }[] };
    return warnings.map(({ name }) => name).sort();
  };
  await expect.poll(names).toEqual(['Is not an AI', 'Says hello']);
  await expect(page.locator('.sb-notices')).not.toContainText('Says hello');
  await warned.getByRole('button', { name: 'Close' }).click();
  await expect(warned).toHaveCount(0);
  await panel.hangUp();
});

test('there is no sound while one is away, and a sound that is held back is told', async ({ desk, business }) => {
  const { page } = desk;
  const number = await business.addNumber('agent_demo_de');
  await spy(page);
  await desk.open();
  await choose(page, { page: true, sound: true });
  await ready(page);
  const say = (availability: string) => page.request.put(`${business.stack.url}/api/desk/me/availability`, { data: { availability } });
  await say('away');
  await page.getByRole('heading', { level: 1 }).click();
  const first = await ring(business, number);
  await expect(toasts(page)).toHaveCount(1);
  expect(await peak(page)).toBe(0);
  await say('ready');
  await forgetSounds(page);
  const second = await ring(business, number);
  await expect(toasts(page)).toHaveCount(2);
  await expect.poll(() => peak(page)).toBeGreaterThan(0.1);
  for (const call of [first, second]) await business.emulator.end(call, 'user_hangup');
});
