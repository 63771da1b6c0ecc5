// The website as it goes online, with the tests' Switchboard behind its button.

import { expect, test } from 'switchboard-playwright';

test('our own page calls our agent, with what the page knows of the visitor', async ({ business, visitor, agent, call }) => {
  await business.addAgent(`
    name = "Reception"
    language = "en-US"
    [[steps]]
    agent = "Harbour Books, hello?"
    [[steps]]
    visitor = "When are you open?"
    [[steps]]
    agent = "Until six."
    [[steps]]
    end = "agent_hangup"
  `);
  await visitor.visit('/');
  await visitor.call();
  await agent.says('Harbour Books, hello?');
  await visitor.say('When are you open?');
  await agent.says('Until six.');
  await call.ended('agent_hangup');
});

test('the connection is lost and comes back', async ({ visitor, agent, call }) => {
  await visitor.visit('/');
  await visitor.call();
  await agent.says('A short test call.');
  const mend = await call.cut();
  await mend();
  await call.interject('There you are again.');
  await agent.says('There you are again.');
});

test('where Retell does not answer, the visitor reads it', async ({ business, visitor, panel }) => {
  await business.emulator.fault({ match: { method: 'POST', path_prefix: '/v3/create-web-call' }, status: 500 });
  await visitor.visit('/');
  await panel.call();
  await panel.expectEnded('retell-failed');
  await expect(panel.alert).not.toBeEmpty();
});
