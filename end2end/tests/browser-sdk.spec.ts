// The local Retell to a page that does what Retell's browser SDK 3.x does.

import { API_KEY, say } from 'switchboard-playwright';
import { SdkPage } from '../fixtures/browser-sdk.ts';
import { VOICE, expectQuiet } from '../fixtures/loudness.ts';
import { expect, test } from '../fixtures/test.ts';

test('a page with the browser SDK calls, is listened to and taken over, and hangs up', async ({ page, context, stack }) => {
  const open = async (of: typeof page) => SdkPage.open(of, stack.site.page(''), stack.emulator.url, API_KEY);
  const hears = (who: SdkPage, since = 0) =>
    expect.poll(async () => (await who.seen()).energyIn - since, { message: 'a voice is heard', intervals: [100] }).toBeGreaterThan(VOICE);

  const visitor = await open(page);
  const call = await visitor.call('agent_test_long');
  await hears(visitor);
  const { answers, versions } = await visitor.seen();
  expect(versions, 'a page of another origin may read them').toEqual(['3.0.0', '3.0.2']);
  expect(answers.slice(0, 2)).toEqual(['POST 201', 'POST 201']);
  expect(answers, 'candidates are taken').toContain('PATCH 204');

  const staff = await open(await context.newPage());
  await staff.listen(call);
  await hears(staff);
  await staff.takeOver({ lost: 1 });
  expect((await staff.seen()).answers.filter((it) => it.includes('sdp'))).toEqual(Array(2).fill('PATCH application/sdp 200'));
  // The agent is silent for good: what is heard now is the person.
  await expectQuiet(() => visitor.seen());
  const { energyIn } = await visitor.seen();
  await say(staff.page.mainFrame(), 'hello');
  await hears(visitor, energyIn);
  expect((await visitor.seen()).connection).toBe('connected');

  await visitor.end();
  expect((await visitor.seen()).answers.at(-1)).toBe('DELETE 204');
  await expect.poll(async () => (await staff.seen()).frames.map((it) => JSON.parse(it))).toContainEqual({ type: 'status', state: 'ended' });
  expect(await stack.emulator.call(call)).toMatchObject({ call_status: 'ended', disconnection_reason: 'user_hangup' });
});
