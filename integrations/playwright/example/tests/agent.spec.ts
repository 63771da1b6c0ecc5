// What hangs on the agent: functions it calls while it talks, and the events we
// are sent of it.

import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { expect, test as base } from 'switchboard-playwright';

/** Our program that keeps books for customers. */
const test = base.extend<{ shop: { url: string; kept: unknown[] } }>({
  shop: async ({}, use) => {
    const kept: unknown[] = [];
    const server = createServer(async (request, response) => {
      const { args } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      kept.push(args);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ until: 'Saturday' }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await use({ url: `http://127.0.0.1:${port}`, kept });
    server.close();
  },
});

test('the agent keeps a book by our function, and our webhook hears of the call', async ({
  business, shop, visitor, agent, call, webhooks,
}) => {
  const script = `
    name = "Reception"
    language = "en-US"
    [[steps]]
    agent = "Which book?"
    [[steps]]
    visitor = "Moby Dick, please."
    [[steps]]
    tool = "keep_book"
    arguments = { title = "Moby Dick" }
    variables = { until = "until" }
    [[steps]]
    agent = "We keep it until {{until}}."
  `;
  await business.addAgent(script, { emulator_functions_url: shop.url });
  await visitor.visit('/');
  await visitor.call();
  await agent.says('Which book?');
  await visitor.say('Moby Dick, please.');
  await agent.says('We keep it until Saturday.');
  expect(shop.kept).toEqual([{ title: 'Moby Dick' }]);
  await visitor.hangUp();

  const ended = await webhooks.received('call.ended');
  expect(ended.verified).toBe(true);
  expect(ended.body.call_id).toBe(call.id);
});
