import { expect, test } from 'switchboard-playwright';

test('a visitor is answered', async ({ visitor, agent, call }) => {
  await visitor.call();
  await agent.says('A short test call.');
  await visitor.say('Hello, can you hear me?');
  await agent.says('Yes, I can hear you well.');
  await visitor.hangUp();
  expect(await call.ended('user_hangup')).toMatchObject({ call_type: 'web_call' });
});
