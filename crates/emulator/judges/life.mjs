// The official Node.js SDK against the local Retell at the address given.

import assert from 'node:assert/strict';
import Retell, { toFile } from 'retell-sdk';
import { VERSION } from 'retell-sdk/version';

const client = new Retell({ baseURL: process.argv[2], apiKey: 'key_local_emulator', maxRetries: 0 });

async function refused(status, promise) {
  await assert.rejects(promise, (error) => error.status === status);
}

async function until(question, wanted) {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const answer = await question();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('waited in vain');
}

const llm = await client.llm.create({ start_speaker: 'agent' });
const response_engine = { type: 'retell-llm', llm_id: llm.llm_id };
const agent = await client.agent.create({ response_engine, voice_id: 'retell-Cimo' });
assert.equal(agent.version, 0);
await refused(400, client.agent.create({ response_engine, voice_id: 'retell-Cimo', voice_speed: 99 }));
await client.agent.update(agent.agent_id, { agent_name: 'Nora' });
await client.agent.publish(agent.agent_id, { version: 0 });
const access = await client.call.createWebCall({ agent_id: agent.agent_id, agent_version: 'latest_published' });
assert.ok(access.ice_servers.length > 0);
assert.equal((await client.call.retrieve(access.call_id)).agent_version, 0);
await refused(400, client.llm.delete(llm.llm_id));
await client.agent.delete(agent.agent_id);
await client.llm.delete(llm.llm_id);

const base = await client.knowledgeBase.create({
  knowledge_base_name: 'Hours',
  knowledge_base_files: [await toFile(Buffer.from('9 to 5'), 'hours.txt', { type: 'text/plain' })],
  knowledge_base_texts: [{ title: 'Hours', text: '9 to 5' }],
});
assert.equal(base.knowledge_base_sources.length, 2);
await until(() => client.knowledgeBase.retrieve(base.knowledge_base_id), (it) => it.status === 'complete');
await client.knowledgeBase.delete(base.knowledge_base_id);

const chat = await client.chat.create({ agent_id: 'agent_chat_en' });
const answer = await client.chat.createChatCompletion({ chat_id: chat.chat_id, content: 'A check-up, please' });
assert.ok(answer.messages.some((message) => message.role === 'tool_call_invocation'));
await client.chat.end(chat.chat_id);

const number = await client.phoneNumber.create({ area_code: 628 });
await client.phoneNumber.delete(number.phone_number);
assert.ok((await client.voice.list()).length > 0);

console.log(`lives judged by retell-sdk ${VERSION} for Node.js`);
