// Tells what became of a message as the vendor does, signed by the vendor's own library.
// callback.mjs twilio|vonage URL SECRET ID: prints the status it was answered with.

import { createHash } from 'node:crypto';
import { verifySignature } from '@vonage/jwt';
import jwt from 'jsonwebtoken';
import twilio from 'twilio';

const [, , vendor, url, secret, id] = process.argv;

function fromTwilio() {
  const fields = { MessageSid: id, MessageStatus: 'delivered', To: '+34612345678', ApiVersion: '2010-04-01' };
  const signature = twilio.getExpectedTwilioSignature(secret, url, fields);
  if (!twilio.validateRequest(secret, signature, url, fields)) throw new Error('Twilio does not take it itself');
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
    body: new URLSearchParams(fields).toString(),
  };
}

function fromVonage() {
  const told = { message_uuid: id, to: '34612345678', from: 'Clinic', channel: 'sms', status: 'delivered', timestamp: new Date().toISOString() };
  const body = JSON.stringify(told);
  const payload_hash = createHash('sha256').update(body).digest('hex');
  const token = jwt.sign({ iss: 'Vonage', api_key: 'abcd1234', payload_hash }, secret, { algorithm: 'HS256' });
  if (!verifySignature(token, secret)) throw new Error('Vonage does not take it itself');
  return { headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body };
}

const told = vendor === 'twilio' ? fromTwilio() : fromVonage();
const answer = await fetch(url, { method: 'POST', ...told });
console.log(answer.status);
