// A webhook receiver as one would write it with Express and better-sqlite3:
// the signature on the raw body, a durable insert that knows duplicates, 204.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import express from 'express';

const key = process.env.RETELL_API_KEY;
const db = new Database(process.env.DATABASE);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL, call_id TEXT NOT NULL, received_at INTEGER NOT NULL,
  body BLOB NOT NULL, UNIQUE (event, call_id))`);
const insert = db.prepare('INSERT OR IGNORE INTO events (event, call_id, received_at, body) VALUES (?, ?, ?, ?)');

function isGenuine(body, header) {
  const parts = /^v=(\d+),d=([0-9a-f]{64})$/.exec(header ?? '');
  if (!parts || Math.abs(Date.now() - Number(parts[1])) > 5 * 60 * 1000) return false;
  const digest = createHmac('sha256', key).update(body).update(parts[1]).digest();
  return timingSafeEqual(digest, Buffer.from(parts[2], 'hex'));
}

const app = express();
app.get('/healthz', (_, response) => response.sendStatus(200));
app.post('/webhooks', express.raw({ type: 'application/json', limit: '5mb' }), (request, response) => {
  if (!isGenuine(request.body, request.get('x-retell-signature'))) return response.sendStatus(401);
  const { event, call } = JSON.parse(request.body);
  insert.run(event, call.call_id, Date.now(), request.body);
  response.sendStatus(204);
});
const server = app.listen(0, '127.0.0.1', () => {
  const [ready] = process.argv.slice(process.argv.indexOf('--ready-file') + 1);
  writeFileSync(ready, JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
});
