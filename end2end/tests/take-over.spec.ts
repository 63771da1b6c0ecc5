// A supervisor in a visitor's call: listens, tells the agent something, and takes it over.
// Sound is measured at both ends.

import type { Business, Panel } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { QUIET, VOICE, expectQuiet } from '../fixtures/loudness.ts';
import { Supervisor } from '../fixtures/supervisor.ts';
import { expect, test } from '../fixtures/test.ts';

/** An agent who says nothing at all: what is heard is somebody else. */
const SILENT = `name = "Silent"
language = "en-US"
${'[[steps]]\nvisitor = "Hello."\n'.repeat(9)}`;

async function callSilent(panel: Panel, business: Business): Promise<void> {
  await business.addAgent(SILENT);
  await panel.visit();
  await panel.call();
  await panel.expectState('live');
}

const energyIn = async (panel: Panel) => (await panel.measure())?.energyIn ?? 0;

/** The visitor hears whoever speaks into the supervisor's microphone. */
async function expectHeardByVisitor(panel: Panel, supervisor: Supervisor): Promise<void> {
  const since = await energyIn(panel);
  const more = async () => (await energyIn(panel)) - since;
  await supervisor.sayUntil(() =>
    expect.poll(more, { message: 'the visitor hears the person', intervals: [100] }).toBeGreaterThan(VOICE),
  );
}

test('a call is listened to, whispered into, taken over and ended', async ({ browser, panel, desk, business, stack }) => {
  // What is often told is the business's to say; the usual sentences are there to begin with.
  await desk.page.goto(`${stack.deskUrl}/settings/business`);
  const often = desk.page.locator('form', { hasText: 'What agents are often told' });
  const lines = often.getByLabel('Sentences, one on each line');
  await expect(lines).toHaveValue(/^Ask for the caller’s name/);
  await lines.fill(`${await lines.inputValue()}\nOffer the course on Tuesday.`);
  await often.getByRole('button', { name: 'Save' }).click();
  await expect(often.getByRole('status')).toHaveText('Saved.');
  await expectAccessible(desk.page);

  await callSilent(panel, business);
  const supervisor = await Supervisor.at(business, browser, business.cookies, panel.callId);
  const { page, bar } = supervisor;
  await expectAccessible(page);
  await supervisor.listen();
  await supervisor.expectToHear(() => panel.speakAndBeSent('hello'));
  await expect(bar.getByRole('meter', { name: 'Loudness of the call' })).toBeVisible();

  await bar.getByLabel('Note to the agent').fill('The caller is a regular.');
  await supervisor.button('Tell the agent').click();
  await expect(bar).toContainText('The agent knows.');
  const transcript = page.getByRole('log', { name: 'Transcript' });
  await expect(transcript).toContainText('The caller is a regular.');
  await expect(panel.transcript).not.toContainText('regular');
  await expect(supervisor.button('Offer that somebody from the team calls back.')).toBeVisible();
  await supervisor.button('Offer the course on Tuesday.').click();
  const told = page.waitForRequest((request) => request.url().endsWith('/tell'));
  await supervisor.button('Say this now').click();
  expect((await told).postDataJSON()).toMatchObject({ note: 'Offer the course on Tuesday.', speak_now: true });
  await expect(transcript).toContainText('Offer the course on Tuesday.');

  // The microphone is open and nobody hears it: not before the question, not after a no.
  const before = await energyIn(panel);
  await supervisor.wantVoice();
  await expect(supervisor.question).toContainText('cannot be undone');
  await supervisor.say();
  await expectAccessible(page);
  await supervisor.question.getByRole('button', { name: 'Cancel' }).click();
  await supervisor.expectVoice('silent');
  expect((await energyIn(panel)) - before).toBeLessThan(QUIET);

  await supervisor.wantVoice();
  await supervisor.confirm();
  await supervisor.expectVoice('talking');
  await expectHeardByVisitor(panel, supervisor);
  await supervisor.expectToHear(() => panel.speakAndBeSent('hello'));
  await expect(page.getByText('no longer written down')).toBeVisible();
  await expect(transcript).toContainText('The caller is a regular.');
  await panel.expectState('live');

  const mute = supervisor.button('Mute');
  await mute.click();
  await expect(mute).toHaveAttribute('aria-pressed', 'true');
  await expectQuiet(() => panel.measure());
  const muted = await energyIn(panel);
  await supervisor.say();
  expect((await energyIn(panel)) - muted).toBeLessThan(QUIET);
  await mute.click();
  await expectHeardByVisitor(panel, supervisor);

  // On other pages the call goes on, in a bar above them.
  await page.getByRole('link', { name: 'Contacts' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Contacts' })).toBeVisible();
  await expect(bar).toBeHidden();
  const above = page.getByRole('region', { name: 'Your call' });
  await expect(above).toContainText('You are talking with the caller.');
  await expectAccessible(page);
  await expectHeardByVisitor(panel, supervisor);
  await supervisor.expectToHear(() => panel.speakAndBeSent('hello'));
  const muteAbove = above.getByRole('button', { name: 'Mute' });
  await muteAbove.click();
  await expect(above).toContainText('The caller does not hear you.');
  await page.getByRole('link', { name: 'Calendar', exact: true }).click();
  await expect(muteAbove).toHaveAttribute('aria-pressed', 'true');
  await muteAbove.click();

  // Whoever would begin another call or sign out is asked, and stays.
  const stays = async (press: string) => {
    const asked = page.waitForEvent('dialog');
    const leaving = page.getByRole('button', { name: press }).click();
    const question = await asked;
    expect(question.message()).toContain('the call ends');
    await question.dismiss();
    await leaving;
  };
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await page.getByRole('link', { name: 'Test call' }).click();
  await stays('Start the call');
  await stays('Sign out');
  await above.getByRole('link').click();
  await supervisor.expectVoice('talking');
  await expect(above).toBeHidden();
  const done = page.getByRole('list', { name: 'What people did' });
  await expect(done).toHaveText(/\d Robin Sommer has taken over the call\.$/);

  await supervisor.button('End call').click();
  await page.getByRole('dialog', { name: 'End the call?' }).getByRole('button', { name: 'End call' }).click();
  await panel.expectEnded();
  await expect(bar).toBeHidden();
  await expect(done).toContainText('Robin Sommer ended the call.');
  await page.reload();
  await expect(done.getByRole('listitem')).toHaveText([/Robin Sommer has taken over the call\.$/, /Robin Sommer ended the call\.$/]);
  await expectAccessible(page);
  expect(await stack.emulator.call(panel.callId)).toMatchObject({ disconnection_reason: 'manual_stopped' });
  await page.context().close();
});

test('two supervisors see each other, and one of them has the call', async ({ browser, panel, business, stack }) => {
  await callSilent(panel, business);
  const lea = await Supervisor.join(business, 'Lea', 'supervisor');
  const one = await Supervisor.at(business, browser, business.cookies, panel.callId);
  const other = await Supervisor.at(business, browser, lea, panel.callId);
  await Promise.all([one.listen(), other.listen()]);
  await expect(one.bar).toContainText('Lea is listening.');
  await expect(other.bar).toContainText('Robin Sommer is listening.');
  await Promise.all([one.wantVoice(), other.wantVoice()]);
  await Promise.all([one.confirm(), other.confirm()]);
  const settled = async () => Promise.all([one, other].map((it) => it.bar.getAttribute('data-voice')));
  await expect.poll(async () => (await settled()).toSorted()).toEqual(['silent', 'talking']);
  const [won, lost] = (await settled())[0] === 'talking' ? [one, other] : [other, one];
  await expect(lost.bar.getByRole('alert')).toContainText('Somebody else has taken over the call.');
  await expect(lost.bar).toContainText('has taken over the call.');
  await expect(lost.button('Take over')).toHaveCount(0);
  await expectHeardByVisitor(panel, won);
  // Who only listens hears the person as well.
  await won.sayUntil(() => lost.expectToHear());

  // Whose tab is closed is asked, and ends the call.
  const asked = won.page.waitForEvent('dialog');
  const closed = won.page.waitForEvent('close');
  await won.page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.accept();
  await closed;
  await panel.expectEnded();
  await expect.poll(async () => (await stack.emulator.call(panel.callId)).disconnection_reason).toBe('call_take_over');
  await expect(lost.bar).toBeHidden();
  await lost.page.context().close();
});

test('who signs out of the call they have taken over ends it', async ({ browser, panel, business }) => {
  await callSilent(panel, business);
  const supervisor = await Supervisor.at(business, browser, business.cookies, panel.callId);
  const { page } = supervisor;
  await supervisor.listen();
  await supervisor.wantVoice();
  await supervisor.confirm();
  await supervisor.expectVoice('talking');
  page.once('dialog', (question) => question.accept());
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await panel.expectEnded();
  await page.context().close();
});

test('an agent of the desk listens and does no more', async ({ browser, panel, business }) => {
  await callSilent(panel, business);
  const cookies = await Supervisor.join(business, 'Max', 'agent');
  const agent = await Supervisor.at(business, browser, cookies, panel.callId);
  await agent.listen();
  await agent.expectToHear(() => panel.speakAndBeSent('hello'));
  for (const name of ['Take over', 'End call', 'Tell the agent']) await expect(agent.button(name)).toHaveCount(0);
  await agent.button('Stop listening').click();
  await agent.expectState('ended');
  await panel.expectState('live');
  await agent.page.context().close();
});

test('a listener whose connection is lost hears on once it is back', async ({ browser, panel, business, stack }) => {
  await callSilent(panel, business);
  const supervisor = await Supervisor.at(business, browser, business.cookies, panel.callId);
  await supervisor.listen();
  await stack.emulator.drop(panel.callId, true);
  await supervisor.expectState('reconnecting');
  await stack.emulator.drop(panel.callId, false);
  await supervisor.expectState('listening');
  await panel.expectState('live');
  await supervisor.expectToHear(() => panel.speakAndBeSent('hello'));
  // They hear on from page to page, until they have heard enough.
  await supervisor.page.getByRole('link', { name: 'Calls', exact: true }).click();
  const above = supervisor.page.getByRole('region', { name: 'Your call' });
  await expect(above).toContainText('You are listening.');
  await supervisor.expectToHear(() => panel.speakAndBeSent('hello'));
  await above.getByRole('button', { name: 'Stop listening' }).click();
  await expect(above).toBeHidden();
  await panel.expectState('live');
  await supervisor.page.context().close();
});
