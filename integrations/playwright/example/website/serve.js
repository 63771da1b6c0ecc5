// The website, as it goes online.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const page = await readFile(new URL('index.html', import.meta.url));
const policy = "script-src https://calls.harbour-books.example; frame-src https://calls.harbour-books.example";

createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }).end(page);
}).listen(Number(process.env.PORT ?? 4173));
