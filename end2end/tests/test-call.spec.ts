// One of the staff talks with an agent from the desk: both are heard, the call goes on at its own
// page, and is found in the list as a test of theirs. And what is said where that cannot be.

import type { Browser, Page } from '@playwright/test';
import { type Business, DRIVEN, KEEP_PEERS, type Stack, measure, say } from 'switchboard-playwright';
import { expectAgent } from '../fixtures/agents.ts';
import { expectAccessible } from '../fixtures/axe.ts';
import { QUIET, VOICE } from '../fixtures/loudness.ts';
import { Supervisor } from '../fixtures/supervisor.ts';
import { expect, test } from '../fixtures/test.ts';

/** One who says what it was given, and hears a hello. */
const GREETS = `name = "Greets"
language = "en-US"
[[steps]]
agent = "Good morning, this is {{practice}}."
${'[[steps]]\nvisitor = "Hello."\n[[steps]]\nagent = "It is good to hear you."\n'.repeat(9)}`;

/** A browser of somebody at the desk, with a microphone that the test drives. */
async function somebody(business: Business, browser: Browser, cookies = business.cookies, before?: () => void): Promise<Page> {
  const context = await browser.newContext({ storageState: { cookies, origins: [] } });
  await context.addInitScript(KEEP_PEERS);
  await context.addInitScript(...DRIVEN);
  if (before !== undefined) await context.addInitScript(before);
  return context.newPage();
}

/** An agent of the business with a Retell LLM, which the desk knows. */
async function greeter(business: Business, stack: Stack): Promise<string> {
  const made = await fetch(`${stack.emulator.url}/create-retell-llm`, {
    method: 'POST',
    headers: { authorization: 'Bearer key_local_emulator', 'content-type': 'application/json' },
    body: JSON.stringify({ default_dynamic_variables: { practice: 'Sunrise Dental' } }),
  });
  const { llm_id } = (await made.json()) as { llm_id: string };
  const agent = await business.addAgent(GREETS, { response_engine: { type: 'retell-llm', llm_id } });
  // Its keys are new: the account is looked at again.
  await business.ask('PUT', '/api/desk/account', { retell_key: 'key_local_emulator', webhook_key: 'key_local_emulator' });
  await expectAgent(business, agent);
  return agent;
}

const bar = (page: Page) => page.getByRole('region', { name: 'Live', exact: true });
const transcript = (page: Page) => page.getByRole('log', { name: 'Transcript' });
const sound = async (page: Page) => measure(page.mainFrame());
const callOf = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) as string;

/** The page of the call, once both hear each other. */
async function expectLive(page: Page): Promise<string> {
  await page.waitForURL(/\/desk\/calls\/call_/);
  await expect(bar(page)).toHaveAttribute('data-state', 'live');
  return callOf(page);
}

async function expectHeard(page: Page): Promise<void> {
  await expect.poll(async () => (await sound(page))?.energyIn ?? 0, { intervals: [100] }).toBeGreaterThan(VOICE);
}

test('an admin talks with an agent where its functions are, and finds the call as a test', async ({ browser, business, stack }) => {
  const agent = await greeter(business, stack);
  const page = await somebody(business, browser);
  await page.goto(`${stack.deskUrl}/settings/functions`);
  await page.getByLabel('Agent', { exact: true }).selectOption(agent);
  await page.getByRole('link', { name: 'Talk to this agent' }).click();
  await expect(page.getByRole('heading', { name: 'Talk to an agent' })).toBeVisible();
  await expect(page.getByLabel('Agent', { exact: true })).toHaveValue(agent);
  // What it has by default is there to be seen, and to be said otherwise.
  const practice = page.getByLabel('practice', { exact: true });
  await expect(practice).toHaveAttribute('placeholder', 'Sunrise Dental');
  await practice.fill('Aurora Dental');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Start the call' }).click();

  const id = await expectLive(page);
  await expectHeard(page);
  await expect(transcript(page)).toContainText('this is Aurora Dental');
  await say(page.mainFrame(), 'hello');
  await expect(transcript(page)).toContainText('It is good to hear you.');
  await expect(page.getByText('Test call by Robin Sommer')).toBeVisible();
  await expect(bar(page).getByRole('meter', { name: 'Loudness of your microphone' })).toBeVisible();
  await expectAccessible(page);

  const mute = bar(page).getByRole('button', { name: 'Mute' });
  await mute.click();
  await expect(mute).toHaveAttribute('aria-pressed', 'true');
  await expect(bar(page)).toContainText('The agent does not hear you.');
  const said = async () => {
    const before = (await sound(page))?.energyOut ?? 0;
    await say(page.mainFrame(), 'hello');
    return ((await sound(page))?.energyOut ?? 0) - before;
  };
  // What was on its way still comes.
  await expect.poll(said).toBeLessThan(QUIET);
  await mute.click();
  await expect(bar(page)).toContainText('You are talking with the agent.');

  // Whoever would leave is asked, and stays.
  const asked = page.waitForEvent('dialog');
  const leaving = page.locator('a.sb-back').click();
  const question = await asked;
  expect(question.message()).toContain('If you leave, it ends.');
  await question.dismiss();
  await leaving;
  await expect(bar(page)).toHaveAttribute('data-state', 'live');

  await bar(page).getByRole('button', { name: 'End call' }).click();
  await expect(bar(page)).toBeHidden();
  await expect.poll(async () => (await stack.emulator.call(id)).call_status).toBe('ended');
  await page.goBack();
  await expect(page).toHaveURL(/settings\/functions$/);
  await page.goto(`${stack.deskUrl}?direction=internal`);
  const row = page.getByRole('row').filter({ has: page.locator(`a[href$="/desk/calls/${id}"]`) });
  await expect(row).toContainText('Test call');
  await expect(page.getByRole('button', { name: 'Remove filter: Kind: Test call' })).toBeVisible();
  await page.goto(`${stack.deskUrl}?direction=inbound`);
  await expect(page.getByText('No calls match these filters')).toBeVisible();
  await page.context().close();
});

test('with keys alone one of the staff calls, mutes, hangs up, and calls that agent again', async ({ browser, business, stack }) => {
  const agent = await greeter(business, stack);
  const cookies = await Supervisor.join(business, 'Max', 'agent');
  const page = await somebody(business, browser, cookies);
  await page.goto(stack.deskUrl);
  await expect(page.getByRole('link', { name: 'Test call' })).toBeVisible();
  await page.keyboard.press('d');
  const choice = page.getByLabel('Agent', { exact: true });
  await choice.focus();
  await page.keyboard.type(agent);
  await expect(choice).toHaveValue(agent);
  const start = page.getByRole('button', { name: 'Start the call' });
  await expect(page.getByLabel('practice', { exact: true })).toBeVisible();
  while (!(await start.evaluate((it) => it === document.activeElement))) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expectLive(page);
  await expectHeard(page);
  // Who works calls may talk, and no more.
  await expect(bar(page).getByRole('button', { name: 'Tell the agent' })).toHaveCount(0);
  await page.keyboard.press('m');
  await expect(bar(page).getByRole('button', { name: 'Mute' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('e');
  await expect(bar(page)).toBeHidden();
  await page.keyboard.press('d');
  await expect(choice).toHaveValue(agent);
  await page.context().close();
});

test('a closed tab ends the call, after a question', async ({ browser, business, stack }) => {
  const agent = await greeter(business, stack);
  const page = await somebody(business, browser);
  await page.goto(`${stack.deskUrl}/calls/new?agent=${agent}`);
  await page.getByRole('button', { name: 'Start the call' }).click();
  const id = await expectLive(page);
  const asked = page.waitForEvent('dialog');
  const closed = page.waitForEvent('close');
  await page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.accept();
  await closed;
  await expect.poll(async () => (await stack.emulator.call(id)).call_status).toBe('ended');
  await page.context().close();
});

/** What a browser does that has no call, and what people are told. */
const CANNOT: [string, () => void, RegExp][] = [
  [
    'the microphone is refused',
    () => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('No', 'NotAllowedError'));
    },
    /does not allow the microphone.*Allow it beside the address/,
  ],
  [
    'there is no microphone',
    () => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('None', 'NotFoundError'));
    },
    /There is no microphone.*Plug one in/,
  ],
  ['there is no WebRTC', () => void Reflect.deleteProperty(window, 'RTCPeerConnection'), /cannot hold calls. Open the desk in Chrome/],
];

for (const [why, before, words] of CANNOT) {
  test(`says why and what to do where ${why}`, async ({ browser, panel, business, stack }) => {
    const agent = await greeter(business, stack);
    const page = await somebody(business, browser, business.cookies, before);
    await page.goto(`${stack.deskUrl}/calls/new?agent=${agent}`);
    await page.getByRole('button', { name: 'Start the call' }).click();
    await expect(page.getByRole('alert').filter({ hasText: words })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Start the call' })).toBeEnabled();
    await expectAccessible(page);
    const { items } = (await business.ask('GET', '/api/desk/calls')) as { items: unknown[] };
    expect(items).toEqual([]);

    // And to who would take somebody's call over, or listen to it.
    await panel.visit();
    await panel.call();
    await panel.expectState('live');
    await page.goto(`${stack.deskUrl}/calls/${panel.callId}`);
    await bar(page).getByRole('button', { name: 'Listen' }).click();
    if (why !== 'there is no WebRTC') await bar(page).getByRole('button', { name: 'Take over' }).click();
    await expect(bar(page).getByRole('alert')).toContainText(words);
    await page.context().close();
  });
}
