// Compiles the requests that our server sent with the vendors' own types: unknown names, missing
// ones, wrong types and wrong values of an enum are errors. Reads what the doubles were asked.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const told = JSON.parse(process.argv[2]);
const HUBSPOT = '/crm/objects/2026-09';
const kinds = {
  hubspot: {
    [`POST ${HUBSPOT}/contacts/search`]: 'Json<PublicObjectSearchRequest>',
    [`POST ${HUBSPOT}/contacts`]: 'Json<SimplePublicObjectInputForCreate>',
    [`POST ${HUBSPOT}/calls`]: 'Json<SimplePublicObjectInputForCreate>',
  },
  pipedrive: { 'POST /api/v2/persons': 'AddPersonRequest', 'POST /api/v2/activities': 'AddActivityRequest' },
  twilio: { 'POST /2010-04-01/Accounts/AC1/Messages.json': 'Form<MessageListInstanceCreateOptions>' },
  vonage: { 'POST /v1/messages': 'Snake<SMSParams>' },
};
const lines = [
  "import type { Form, Json, Snake } from './types.ts';",
  "import type { PublicObjectSearchRequest, SimplePublicObjectInputForCreate } from '@hubspot/api-client/lib/codegen/crm/contacts';",
  "import type { AddActivityRequest, AddPersonRequest } from 'pipedrive/v2';",
  "import type { MessageListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/message';",
  "import type { SMSParams } from '@vonage/messages';",
];
for (const [vendor, types] of Object.entries(kinds)) {
  const wanted = new Set(Object.keys(types));
  for (const { method, path, body } of told[vendor].asked) {
    const type = types[`${method} ${path}`];
    if (type === undefined) continue;
    wanted.delete(`${method} ${path}`);
    lines.push(`export const sent${lines.length}: ${type} = ${JSON.stringify(body)};`);
  }
  if (wanted.size) throw new Error(`${vendor} was never asked: ${[...wanted].join(', ')}`);
}
const tsc = (file) => {
  const strict = ['--noEmit', '--skipLibCheck', '--strict', '--allowImportingTsExtensions', '--module', 'nodenext'];
  return execFileSync('npx', ['tsc', ...strict, '--moduleResolution', 'nodenext', '--target', 'es2022', file], { encoding: 'utf8' });
};
writeFileSync('sent.ts', `${lines.join('\n')}\n`);
try {
  tsc('sent.ts');
} catch (error) {
  console.error(error.stdout);
  process.exit(1);
}
// That it would have found something: the same requests, each with a name nobody has.
writeFileSync('wrong.ts', `${lines.map((it) => it.replace(/ = \{/, ' = {"nobody_has_this":1,')).join('\n')}\n`);
try {
  tsc('wrong.ts');
} catch (error) {
  const found = error.stdout.split('\n').filter((it) => it.includes('nobody_has_this')).length;
  const planted = lines.length - 5;
  if (found === planted) process.exit(console.log(`${planted} requests are as the vendors' types have them`));
  console.error(`of ${planted} faults that were made, ${found} were found:\n${error.stdout}`);
}
process.exit(1);
