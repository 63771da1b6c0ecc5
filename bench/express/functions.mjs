// The functions of a booking as one would write them with Express and better-sqlite3: the
// signature on the raw body, each asking answered once, free times remembered for five minutes.
// With OUTSIDE the appointments are kept at Cal.com and the callers in HubSpot.

import { randomUUID } from 'node:crypto';
import express from 'express';
import { db, genuine, listen, raw } from './common.mjs';

const HALF_HOUR = 30 * 60_000, DAY = 24 * 60 * 60_000, HOLD = 5 * 60_000, REMEMBERED = 5 * 60_000;
/** The Cal.com of each agent, and how the CRM of all is connected. */
const { calcom, crm } = JSON.parse(process.env.OUTSIDE ?? '{}');

db.exec(`CREATE TABLE IF NOT EXISTS bookings (
  id TEXT PRIMARY KEY, agent TEXT NOT NULL, starts_at INTEGER NOT NULL, held_until INTEGER,
  name TEXT, phone TEXT, uid TEXT, UNIQUE (agent, starts_at));
CREATE TABLE IF NOT EXISTS runs (
  call_id TEXT NOT NULL, name TEXT NOT NULL, args TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (call_id, name, args))`);
const taken = db.prepare('SELECT starts_at FROM bookings WHERE agent = ? AND (held_until IS NULL OR held_until > ?)').pluck();
const expire = db.prepare('DELETE FROM bookings WHERE agent = ? AND starts_at = ? AND held_until <= ?');
const hold = db.prepare('INSERT OR IGNORE INTO bookings (id, agent, starts_at, held_until, phone, uid) VALUES (?, ?, ?, ?, ?, ?)');
const held = db.prepare('SELECT * FROM bookings WHERE id = ? AND agent = ?');
const book = db.prepare('UPDATE bookings SET held_until = NULL, name = ?, uid = ? WHERE id = ?');
const answered = db.prepare('SELECT answer FROM runs WHERE call_id = ? AND name = ? AND args = ?').pluck();
const answer = db.prepare('INSERT OR IGNORE INTO runs (call_id, name, args, answer, at) VALUES (?, ?, ?, ?, ?)');

async function ask(method, url, headers, body) {
  const json = body ? { 'content-type': 'application/json' } : {};
  const reply = await fetch(url, { method, headers: { ...headers, ...json }, body: body && JSON.stringify(body) });
  const said = await reply.json();
  if (!reply.ok) throw new Error(`${url} answers ${reply.status}: ${said.error?.message ?? said.message}`);
  return said;
}

function atCalcom(agent, method, path, version, body) {
  const { url, key } = calcom[agent];
  return ask(method, `${url}/${path}`, { authorization: `Bearer ${key}`, 'cal-api-version': version }, body);
}

/** The free times of a day, by agent and day: what was read, and when. */
const remembered = new Map();

async function offered(agent, day) {
  if (calcom) {
    const name = `${agent} ${day}`;
    const known = remembered.get(name);
    if (known && Date.now() - known.at < REMEMBERED) return known.times;
    const query = new URLSearchParams({
      eventTypeId: calcom[agent].event_type, start: new Date(day).toISOString(), end: new Date(day + DAY - 1).toISOString(),
      timeZone: 'UTC', format: 'range',
    });
    const { data } = await atCalcom(agent, 'GET', `slots?${query}`, '2024-09-04');
    const times = Object.values(data).flat().map((slot) => Date.parse(slot.start));
    remembered.set(name, { at: Date.now(), times });
    return times;
  }
  const gone = new Set(taken.all(agent, Date.now()));
  const times = Array.from({ length: 16 }, (_, nth) => day + 8 * 60 * 60_000 + nth * HALF_HOUR);
  return times.filter((at) => !gone.has(at));
}

const dayOf = (at) => at - (at % DAY);
const slots = (times) => times.slice(0, 5).map((at) => ({ slot: new Date(at).toISOString(), spoken: new Date(at).toUTCString() }));

async function instead(agent, at) {
  const times = await offered(agent, dayOf(at));
  return { ok: false, reason: 'taken', message: 'Nothing is free then.', slots: slots(times.filter((it) => it !== at)) };
}

const functions = {
  async initialize_call(_, call) {
    if (!crm) return { ok: true, message: 'Hello.', known: false };
    const filters = [{ propertyName: 'phone', operator: 'EQ', value: call.from_number }];
    const body = { filterGroups: [{ filters }], sorts: [], properties: ['firstname', 'lastname'], limit: 5, after: '0' };
    const found = await ask('POST', `${crm.provider.base_url}/crm/objects/2026-09/contacts/search`, {
      authorization: `Bearer ${crm.secrets.service_key}`,
    }, body);
    return { ok: true, message: 'Hello.', known: found.results.length > 0 };
  },
  async check_availability({ in_days }, { agent_id }) {
    const times = await offered(agent_id, dayOf(Date.now()) + in_days * DAY);
    return { ok: true, message: 'There is something free.', slots: slots(times) };
  },
  async start_booking({ slot }, { agent_id, from_number }) {
    const at = Date.parse(slot);
    let uid = null;
    if (calcom) {
      remembered.delete(`${agent_id} ${dayOf(at)}`);
      const body = { eventTypeId: calcom[agent_id].event_type, slotStart: slot, reservationDuration: 5 };
      try {
        const { data } = await atCalcom(agent_id, 'POST', 'slots/reservations', '2024-09-04', body);
        uid = data.reservationUid;
      } catch {
        return instead(agent_id, at);
      }
    }
    const id = randomUUID();
    const got = db.transaction(() => {
      expire.run(agent_id, at, Date.now());
      return hold.run(id, agent_id, at, Date.now() + HOLD, from_number, uid).changes === 1;
    })();
    return got ? { ok: true, message: 'I am holding that for you.', hold: id, slot } : instead(agent_id, at);
  },
  async confirm_booking({ hold: id, name }, { agent_id, call_id }) {
    const there = held.get(id, agent_id);
    if (!there || (there.held_until !== null && there.held_until < Date.now())) {
      return { ok: false, reason: 'hold_gone', message: 'That time is not held any more.' };
    }
    let uid = null;
    if (calcom) {
      const attendee = { name, timeZone: 'UTC', language: 'en', phoneNumber: there.phone };
      const start = new Date(there.starts_at).toISOString();
      const body = { start, eventTypeId: calcom[agent_id].event_type, attendee, metadata: { call_id } };
      ({ data: { uid } } = await atCalcom(agent_id, 'POST', 'bookings', '2024-08-13', body));
      await fetch(`${calcom[agent_id].url}/slots/reservations/${there.uid}`, {
        method: 'DELETE', headers: { authorization: `Bearer ${calcom[agent_id].key}`, 'cal-api-version': '2024-09-04' },
      });
    }
    book.run(name, uid, id);
    return { ok: true, message: 'That is booked.', booking: { reference: id, slot: new Date(there.starts_at).toISOString() } };
  },
  async end_call() {
    return { ok: true, message: 'Goodbye.', action: 'end' };
  },
};

const app = express();
app.post('/api/functions/:name', raw, genuine, async (request, response) => {
  const { name, args, call } = JSON.parse(request.body);
  if (!Object.hasOwn(functions, name)) return response.sendStatus(404);
  const asked = JSON.stringify(args);
  const before = answered.get(call.call_id, name, asked);
  if (before) return response.type('json').send(before);
  const said = JSON.stringify(await functions[name](args, call));
  answer.run(call.call_id, name, asked, said, Date.now());
  response.type('json').send(said);
});
listen(app);
