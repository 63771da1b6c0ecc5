// A webhook receiver as one would write it with Express and better-sqlite3:
// the signature on the raw body, a durable insert that knows duplicates, 204.

import express from 'express';
import { db, genuine, listen, raw } from './common.mjs';

db.exec(`CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL, call_id TEXT NOT NULL, received_at INTEGER NOT NULL,
  body BLOB NOT NULL, UNIQUE (event, call_id))`);
const insert = db.prepare('INSERT OR IGNORE INTO events (event, call_id, received_at, body) VALUES (?, ?, ?, ?)');

const app = express();
app.post('/webhooks', raw, genuine, (request, response) => {
  const { event, call } = JSON.parse(request.body);
  insert.run(event, call.call_id, Date.now(), request.body);
  response.sendStatus(204);
});
listen(app);
