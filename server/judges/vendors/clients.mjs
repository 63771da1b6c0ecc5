// The vendors' own clients, set on our doubles of them: what they ask is taken, what is answered
// they understand, and what the vendor refuses is refused as they expect.
// clients.mjs WHERE: WHERE is the JSON that the doubles write when they are up.

import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';
import { Client as HubSpot } from '@hubspot/api-client';
import { SMS } from '@vonage/messages';
import { Vonage } from '@vonage/server-sdk';
import jsforce from 'jsforce';
import { ActivitiesApi, Configuration, PersonsApi } from 'pipedrive/v2';
import twilio from 'twilio';

const require = createRequire(import.meta.url);
const ANA = '+34612345678';
const where = JSON.parse(process.argv[2]);

async function refused(asked, fits) {
  await assert.rejects(asked, (error) => {
    assert.ok(fits(error), `refused otherwise: ${error.message} ${JSON.stringify(error)}`);
    return true;
  });
}

/** What stands before the double: the client still writes paths with their old version. */
async function dated(url) {
  const front = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { host, connection, 'content-length': _, 'transfer-encoding': __, ...headers } = request.headers;
    const answer = await fetch(url + request.url.replace('/crm/v3/objects/', '/crm/objects/2026-09/'), {
      method: request.method,
      headers,
      body: parts.length ? Buffer.concat(parts) : undefined,
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise((done) => front.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${front.address().port}`, stop: () => front.close() };
}

async function hubspot({ url, connection }) {
  const front = await dated(url);
  const as = (accessToken) => new HubSpot({ accessToken, basePath: front.url, numberOfApiCallRetries: 0 });
  const { crm } = as(connection.secrets.service_key);
  const search = (propertyName, value) => ({
    filterGroups: [{ filters: [{ propertyName, operator: 'EQ', value }] }],
    properties: ['firstname', 'phone'],
    limit: 20,
    after: '0',
    sorts: [],
  });
  const found = await crm.contacts.searchApi.doSearch(search('phone', ANA));
  assert.equal(found.total, 1);
  const { id } = found.results[0];
  assert.equal(found.results[0].properties.phone, ANA);
  assert.ok(found.results[0].createdAt instanceof Date, 'dates are read');
  const made = await crm.contacts.basicApi.create({ properties: { firstname: 'Ben', phone: '+4915112345678' }, associations: [] });
  assert.notEqual(made.id, id);
  await refused(
    crm.contacts.basicApi.create({ properties: { email: 'ana@example.com' }, associations: [] }),
    (it) => it.code === 409 && it.body.message.endsWith(`Existing ID: ${id}`),
  );
  await refused(crm.contacts.basicApi.create({ properties: { phone: '+1' }, associations: [] }), (it) => it.code === 400);
  await crm.contacts.basicApi.update(id, { properties: { email: 'a@example.com' } });
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 194 }];
  for (const day of ['01', '03', '02']) {
    const properties = { hs_timestamp: `2026-11-${day}T10:00:00Z`, hs_call_title: `On ${day}`, hs_call_duration: '1000', hs_call_direction: 'INBOUND' };
    await crm.objects.calls.basicApi.create({ properties, associations: [{ to: { id }, types }] });
  }
  const newest = { ...search('associations.contact', id), sorts: ['-hs_timestamp'], limit: 2 };
  const calls = await crm.objects.calls.searchApi.doSearch(newest);
  assert.deepEqual(calls.results.map((it) => it.properties.hs_call_title), ['On 03', 'On 02']);
  await refused(as('another').crm.contacts.searchApi.doSearch(search('phone', ANA)), (it) => it.code === 401);
  front.stop();
}

async function pipedrive({ url, connection }) {
  const as = (apiKey) => new Configuration({ apiKey, basePath: `${url}/api/v2` });
  const persons = new PersonsApi(as(connection.secrets.api_token));
  const activities = new ActivitiesApi(as(connection.secrets.api_token));
  const found = await persons.searchPersons({ term: '612345678', fields: 'phone', exact_match: false });
  assert.deepEqual(found.data.items[0].item.phones, [ANA]);
  const made = await persons.addPerson({ AddPersonRequest: { name: 'Ben', phones: [{ value: '+4915112345678', primary: true, label: 'work' }] } });
  const person_id = made.data.id;
  const call = { subject: 'Call', type: 'call', due_date: '2026-11-30', due_time: '10:00', duration: '00:02', done: true, note: 'Wants tea.' };
  await activities.addActivity({ AddActivityRequest: { ...call, participants: [{ person_id, primary: true }] } });
  const listed = await activities.getActivities({ person_id, sort_by: 'update_time', sort_direction: 'desc' });
  assert.equal(listed.data[0].note, 'Wants tea.');
  await refused(persons.addPerson({ AddPersonRequest: { name: '' } }), (it) => it.code === 'ERR_SCHEMA_VALIDATION_FAILED');
  await refused(new PersonsApi(as('another')).searchPersons({ term: 'Ana', fields: 'name' }), (it) => it.code === 'ERR_UNAUTHORIZED');
}

async function salesforce({ url, connection }) {
  const as = (clientSecret) =>
    new jsforce.Connection({ loginUrl: url, version: '67.0', oauth2: { loginUrl: url, clientId: connection.provider.client_id, clientSecret } });
  const org = as(connection.secrets.client_secret);
  await org.authorize({ grant_type: 'client_credentials' });
  const found = await org.search('FIND {612345678} IN PHONE FIELDS RETURNING Contact(Id,Name,Phone)');
  assert.equal(found.searchRecords[0].Phone, ANA);
  const asked = await org.query("SELECT Id, Name FROM Contact WHERE Email = 'ana@example.com'");
  assert.equal(asked.totalSize, 1);
  const made = await org.sobject('Contact').create({ LastName: 'Ben', Phone: '+4915112345678' });
  assert.ok(made.success);
  const task = { Subject: 'Call', Status: 'Completed', ActivityDate: '2026-11-30', WhoId: made.id, TaskSubtype: 'Call', CallType: 'Inbound' };
  assert.ok((await org.sobject('Task').create(task)).success);
  await refused(org.sobject('Contact').create({ FirstName: 'Nobody' }), (it) => it.errorCode !== undefined);
  await refused(as('another').authorize({ grant_type: 'client_credentials' }), (it) => it.name === 'invalid_client' || /invalid/.test(it.message));
}

async function texts({ url, connection }) {
  const RequestClient = require('twilio/lib/base/RequestClient').default ?? require('twilio/lib/base/RequestClient');
  class Local extends RequestClient {
    request(options) {
      const { pathname, search } = new URL(options.uri);
      return super.request({ ...options, uri: url + pathname + search });
    }
  }
  const as = (token) => twilio(connection.provider.account_sid, token, { httpClient: new Local() });
  const ours = as(connection.secrets.auth_token);
  const message = (body) => ({ to: ANA, from: '+4930901820', body, statusCallback: 'https://desk.example/receipt', validityPeriod: 14400 });
  const sent = await ours.messages.create(message('Hola'));
  assert.deepEqual([sent.sid, sent.status], ['SMHola', 'queued']);
  await refused(ours.messages.create(message('opted out')), (it) => it.status === 400 && it.code === 21610);
  await refused(as('another').messages.create(message('Hola')), (it) => it.status === 401 && it.code === 20003);
}

async function messages({ url, connection }) {
  const as = (apiSecret) => new Vonage({ apiKey: connection.provider.api_key, apiSecret }, { restHost: url, apiHost: url });
  const ours = as(connection.secrets.api_secret);
  const message = (text) => new SMS({ to: '34612345678', from: 'Clinic', text, clientRef: 'sms-1', webhookUrl: 'https://desk.example/receipt', webhookVersion: 'v1' });
  assert.equal((await ours.messages.send(message('Hola'))).messageUUID, 'uuid-Hola');
  await refused(ours.messages.send(message('broke')), (it) => it.response?.status === 402);
  await refused(as('another').messages.send(message('Hola')), (it) => it.response?.status === 401);
}

const judges = { hubspot, pipedrive, salesforce, twilio: texts, vonage: messages };
for (const [name, judge] of Object.entries(judges)) {
  try {
    await judge(where[name]);
    console.log(`${name}: its own client is content`);
  } catch (error) {
    console.error(`${name}: ${error.stack}`);
    process.exitCode = 1;
  }
}
process.exit();
