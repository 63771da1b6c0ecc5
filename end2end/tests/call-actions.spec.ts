// What people do with a call besides talking in it: whose it is, that a supervisor should look at
// it, the agent's variables, handing it over, hold; and all of that with the keyboard.

import type { Page } from '@playwright/test';
import type { Business, Panel } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { QUIET, VOICE } from '../fixtures/loudness.ts';
import { toasts } from '../fixtures/notices.ts';
import { Supervisor } from '../fixtures/supervisor.ts';
import { expect, test } from '../fixtures/test.ts';

/** An agent who says nothing at all. */
const SILENT = `name = "Silent"
language = "en-US"
${'[[steps]]\nvisitor = "Hello."\n'.repeat(9)}`;

async function callSilent(panel: Panel, business: Business, script = SILENT): Promise<void> {
  await business.addAgent(script);
  await panel.visit();
  await panel.call();
  await panel.expectState('live');
}

/** One who says what it was given, once it is spoken to. */
const TOLD = `name = "Told"
language = "en-US"
[nudge]
agent = "I call {{transfer_to}}."
[[steps]]
visitor = "Hello."
[[steps]]
agent = "You sound {{mood}}."
${'[[steps]]\nvisitor = "Hello."\n'.repeat(9)}`;

const marks = (page: Page) => page.getByRole('region', { name: 'Who sees to it' });

test('a call is one person’s and flagged, which colleagues see at once', async ({ browser, panel, business }) => {
  await callSilent(panel, business);
  const one = await Supervisor.at(business, browser, business.cookies, panel.callId);
  const lea = await Supervisor.join(business, 'Lea', 'agent');
  const other = await Supervisor.at(business, browser, lea, panel.callId);
  const [mine, hers] = [marks(one.page), marks(other.page)];

  await hers.getByRole('button', { name: 'Claim' }).click();
  await expect(hers).toContainText('You see to this call.');
  await expect(mine).toContainText('Lea sees to this call.');
  await mine.getByRole('button', { name: 'Claim instead' }).click();
  await expect(mine).toContainText('You see to this call.');
  // What is somebody else's an agent leaves to them.
  await expect(hers).toContainText('Robin Sommer sees to this call.');
  await expect(hers.getByRole('button', { name: /^Claim/ })).toHaveCount(0);

  // What one presses is seen at once, and taken back where it was refused.
  let refuse = () => {};
  const pressed = new Promise<void>((done) => (refuse = done));
  await one.page.route('**/claim', async (route) => {
    await pressed;
    await route.abort();
  });
  await mine.getByRole('button', { name: 'Release' }).click();
  await expect(mine.getByRole('button', { name: 'Claim' })).toHaveAttribute('aria-busy', 'true');
  await expect(mine).not.toContainText('You see to this call.');
  refuse();
  await expect(mine.getByRole('alert')).toBeVisible();
  await expect(mine).toContainText('You see to this call.');
  await one.page.unroute('**/claim');

  await hers.getByRole('button', { name: 'Flag', exact: true }).click();
  const reason = hers.getByLabel('Why a supervisor should look at it');
  await expect(reason).toBeFocused();
  await reason.fill('Wants the manager.');
  await expectAccessible(other.page);
  await hers.getByRole('button', { name: 'Flag for a supervisor' }).click();
  await expect(mine).toContainText('Flagged by Lea');
  await expect(mine).toContainText('Wants the manager.');
  await expectAccessible(one.page);

  // Found again, also when it is over.
  await one.page.goto(`${business.stack.deskUrl}?flagged=true`);
  const link = one.page.locator(`a[href$="/desk/calls/${panel.callId}"]`).first();
  await expect(link).toBeVisible();
  await expect(one.page.getByRole('button', { name: 'Remove filter: Flag: Flagged' })).toBeVisible();
  await panel.hangUp();
  await panel.expectEnded();
  await one.page.getByRole('button', { name: 'More filters' }).click();
  const more = one.page.getByRole('dialog', { name: 'More filters' });
  await more.getByLabel('Claimed by').selectOption({ label: 'Me' });
  await more.getByRole('button', { name: 'Close' }).click();
  await expect(one.page.getByRole('button', { name: 'Remove filter: Claimed by: Me' })).toBeVisible();
  await expect(link).toBeVisible();
  await link.click();
  await mine.getByRole('button', { name: 'Remove flag' }).click();
  await expect(hers).not.toContainText('Flagged');
  await mine.getByRole('button', { name: 'Release' }).click();
  await expect(hers.getByRole('button', { name: 'Claim' })).toBeVisible();
  await one.page.goBack();
  await expect(one.page.getByText('No calls match these filters')).toBeVisible();

  // Who is to look at it is told wherever they are, and nobody else.
  await hers.getByRole('button', { name: 'Flag', exact: true }).click();
  await reason.fill('Asks for help.');
  await hers.getByRole('button', { name: 'Flag for a supervisor' }).click();
  const told = toasts(one.page).filter({ hasText: 'Lea has flagged a call:' });
  await expect(told).toContainText('Asks for help.');
  await expectAccessible(one.page);
  await expect(toasts(other.page)).toHaveCount(0);
  await told.getByRole('link').click();
  await expect(mine).toContainText('Flagged by Lea');
  await expect(told).toHaveCount(0);
  await one.page.context().close();
  await other.page.context().close();
});

test('a call is given to a colleague, who is told wherever they are, and taken back', async ({ browser, panel, business }) => {
  await callSilent(panel, business);
  const one = await Supervisor.at(business, browser, business.cookies, panel.callId);
  const lea = await Supervisor.join(business, 'Lea', 'agent');
  const other = await Supervisor.at(business, browser, lea, panel.callId);
  const [mine, hers] = [marks(one.page), marks(other.page)];
  await other.page.goto(business.stack.deskUrl);
  const row = other.page.getByRole('row').filter({ has: other.page.locator(`a[data-call="${panel.callId}"]`) });
  await expect(row).toBeVisible();

  await mine.getByRole('button', { name: 'Claim' }).click();
  await expect(row).toContainText('RS');
  await mine.getByRole('button', { name: 'Give to…' }).click();
  const to = mine.getByLabel('Who is to see to it');
  await expect(to).toBeFocused();
  await expect(to.locator('option')).toHaveText([/^Lea · /]);
  await expectAccessible(one.page);
  await mine.getByRole('button', { name: 'Give the call' }).click();
  await expect(mine).toContainText('Lea sees to this call: Robin Sommer gave it to them.');
  await expect(to).toHaveCount(0);
  await expect(row.getByRole('img', { name: 'Claimed by Lea' })).toHaveText('L');
  const told = other.page.locator('.sb-toast').filter({ hasText: 'A call was given to you:' });
  await expect(told).toBeVisible();
  await expectAccessible(other.page);
  await told.getByRole('link').click();
  await expect(hers).toContainText('You see to this call: Robin Sommer gave it to you.');
  await expect(told).toHaveCount(0);

  await mine.getByRole('button', { name: 'Take back' }).click();
  await expect(mine).toContainText('You see to this call.');
  await expect(hers).toContainText('Robin Sommer sees to this call.');
  await expect(hers.getByRole('button', { name: /^(Claim|Give)/ })).toHaveCount(0);

  // Whose desk is closed is told when it is opened, until they have seen it.
  const unseen = async () => ((await (await other.page.request.get(`${business.stack.url}/api/desk/calls/given`)).json()) as { items: unknown[] }).items.length;
  await expect.poll(unseen).toBe(0);
  await other.page.goto('about:blank');
  await mine.getByRole('button', { name: 'Give to…' }).click();
  await mine.getByRole('button', { name: 'Give the call' }).click();
  await expect(mine).toContainText('Lea sees to this call: Robin Sommer gave it to them.');
  expect(await unseen()).toBe(1);
  await other.page.goto(business.stack.deskUrl);
  await expect(told).toBeVisible();
  await told.getByRole('button', { name: 'Close' }).click();
  await expect(told).toHaveCount(0);
  await expect.poll(unseen).toBe(0);
  await one.page.context().close();
  await other.page.context().close();
});

test('an agent gets other variables and is told to hand the call over', async ({ browser, panel, business }) => {
  await business.ask('POST', '/api/desk/transfer-destinations', { name: 'Ana', to: '+4930901820' });
  await callSilent(panel, business, TOLD);
  const supervisor = await Supervisor.at(business, browser, business.cookies, panel.callId);
  const { page } = supervisor;
  const transcript = page.getByRole('log', { name: 'Transcript' });
  await supervisor.button('Variables').click();
  const variables = page.getByRole('dialog', { name: 'Variables' });
  await variables.getByLabel('Another variable').fill('mood');
  await variables.getByLabel('Its value').fill('calm');
  await expectAccessible(page);
  await variables.getByRole('button', { name: 'Change', exact: true }).click();
  await expect(variables).toContainText('The agent has the new values.');
  await expect(variables.getByLabel('mood')).toHaveValue('calm');
  await variables.getByRole('button', { name: 'Close' }).click();
  await panel.speakAndBeSent('hello');
  await expect(transcript).toContainText('You sound calm.');

  await supervisor.button('Hand over').click();
  const over = page.getByRole('dialog', { name: 'Hand over' });
  await expect(over.getByLabel('To', { exact: true })).toHaveText('Ana · +4930901820');
  await expectAccessible(page);
  await over.getByRole('button', { name: 'Hand over now' }).click();
  await expect(over).toContainText('The agent was told');
  await over.getByRole('button', { name: 'Close' }).click();
  await expect(transcript).toContainText('to Ana now');
  // It speaks at once.
  await expect(transcript).toContainText('I call +4930901820.');
  await expect(panel.transcript).not.toContainText('to Ana now');
  await page.context().close();
});

test('of a call on hold neither hears the other', async ({ browser, panel, business }) => {
  await callSilent(panel, business);
  const supervisor = await Supervisor.at(business, browser, business.cookies, panel.callId);
  await supervisor.listen();
  await supervisor.wantVoice();
  await supervisor.confirm();
  await supervisor.expectVoice('talking');
  const energyIn = async () => (await panel.measure())?.energyIn ?? 0;
  const expectHeard = async () => {
    const since = await energyIn();
    await supervisor.say();
    await expect.poll(async () => (await energyIn()) - since, { intervals: [100] }).toBeGreaterThan(VOICE);
  };
  await expectHeard();
  const hold = supervisor.button('Hold');
  await hold.click();
  await expect(hold).toHaveAttribute('aria-pressed', 'true');
  await expect(supervisor.bar).toContainText('On hold');
  await expect(supervisor.button('Mute')).toBeDisabled();
  // The end of what was said before is on its way, and comes with the next that is sent.
  const growth = async () => {
    const since = await energyIn();
    await supervisor.say();
    return (await energyIn()) - since;
  };
  await expect.poll(growth, { message: 'the visitor hears nobody', intervals: [100] }).toBeLessThan(QUIET);
  const volumes = () =>
    supervisor.page.evaluate(() => [...document.querySelectorAll('audio')].map((audio) => audio.volume));
  expect(Math.max(0, ...(await volumes()))).toBe(0);
  await hold.click();
  await expectHeard();
  await supervisor.page.context().close();
});

test('keys do what the page offers, and can be others', async ({ panel, business, desk }) => {
  const { page } = desk;
  await page.goto(`${business.stack.url}/desk/settings/me`);
  const menu = page.getByRole('button', { name: 'Keyboard' });
  await menu.click();
  const map = page.getByRole('dialog', { name: 'Keyboard' });
  await expect(map).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(map).toBeHidden();
  await expect(menu).toBeFocused();
  await menu.press('Enter');
  await expect(map).toBeVisible();
  await expectAccessible(page);
  const claim = map.getByRole('button', { name: /Claim or release the call/ });
  await claim.click();
  await page.keyboard.press('l');
  await expect(map.getByRole('status')).toHaveText('That key is taken: Listen, or stop.');
  await page.keyboard.press('x');
  await expect(claim).toHaveText('x');
  await page.keyboard.press('Escape');
  await expect(map).toBeHidden();
  await page.keyboard.press('4');
  await expect(page.getByRole('heading', { name: 'Contacts', level: 1 })).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByRole('heading', { name: 'Calls', level: 1 })).toBeVisible();
  await page.keyboard.press('/');
  const search = page.getByRole('searchbox', { name: 'number, name or words' });
  await expect(search).toBeFocused();
  await page.keyboard.type('?x');
  await expect(search).toHaveValue('?x');
  await expect(map).toBeHidden();
  await search.fill('');

  await callSilent(panel, business);
  await page.reload();
  await desk.openCall(panel.callId);
  const bar = page.getByRole('region', { name: 'Live', exact: true });
  await expect(bar).toBeVisible();
  await page.keyboard.press('x');
  await expect(marks(page)).toContainText('You see to this call.');
  await page.keyboard.press('c');
  await page.keyboard.press('n');
  await expect(bar.getByLabel('Note to the agent')).toBeFocused();
  await page.keyboard.type('exe');
  await expect(bar.getByLabel('Note to the agent')).toHaveValue('exe');
  await expect(marks(page)).toContainText('You see to this call.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('e');
  const question = page.getByRole('dialog', { name: 'End the call?' });
  await expect(question).toBeVisible();
  // Below a question nothing hears keys.
  await page.keyboard.press('x');
  await page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(marks(page)).toContainText('You see to this call.');
  await panel.expectState('live');
  await page.keyboard.press('?');
  await map.getByRole('button', { name: 'Usual keys' }).click();
  await expect(claim).toHaveText('c');
});
