// What the programs here share.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import express from 'express';

const { DATABASE, RETELL_API_KEY } = process.env;

export const db = new Database(DATABASE);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');

export const raw = express.raw({ type: 'application/json', limit: '5mb' });

/** Lets through what Retell signed. */
export function genuine(request, response, next) {
  const parts = /^v=(\d+),d=([0-9a-f]{64})$/.exec(request.get('x-retell-signature') ?? '');
  if (!parts || Math.abs(Date.now() - Number(parts[1])) > 5 * 60 * 1000) return response.sendStatus(401);
  const digest = createHmac('sha256', RETELL_API_KEY).update(request.body).update(parts[1]).digest();
  if (!timingSafeEqual(digest, Buffer.from(parts[2], 'hex'))) return response.sendStatus(401);
  next();
}

export function listen(app) {
  app.get('/healthz', (_, response) => response.sendStatus(200));
  const server = app.listen(0, '127.0.0.1', () => {
    const [ready] = process.argv.slice(process.argv.indexOf('--ready-file') + 1);
    writeFileSync(ready, JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
  });
}
