// An admin connects the business's CRM: a key that is wrong, one that is right, a call that is
// written into it, and one that has to be written again; and by letting an app in there.

import { type Server, type ServerResponse, createServer } from 'node:http';
import { body, listen, stop } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { hold } from '../fixtures/hold.ts';
import { expect, test } from '../fixtures/test.ts';

const CALLER = '+491701234567';

/** A HubSpot in which nobody is yet. */
class HubSpot {
  readonly calls: Record<string, string>[] = [];
  private contacts: Record<string, string>[] = [];
  key = 'service-key';
  /** How often an app was let in, or what it was granted was renewed. */
  private granted = 0;
  private code = '';
  isOver = false;
  isWithdrawn = false;

  private constructor(
    private readonly http: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<HubSpot> {
    const http = createServer();
    const hubSpot = new HubSpot(http, `http://127.0.0.1:${await listen(http)}`);
    http.on('request', async (request, response) => {
      if (request.url?.startsWith('/oauth/')) {
        return hubSpot.letIn(new URL(request.url, hubSpot.url), new URLSearchParams((await body(request)).toString()), response);
      }
      const sent = JSON.parse((await body(request)).toString() || '{}');
      const granted = `Bearer access-${hubSpot.granted}`;
      const allowed =
        request.headers.authorization === `Bearer ${hubSpot.key}` || (request.headers.authorization === granted && !hubSpot.isOver);
      const [status, answer] = allowed ? hubSpot.answer(request.url ?? '', sent) : [401, { category: 'INVALID_AUTHENTICATION' }];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    return hubSpot;
  }

  /** The page on which somebody lets an app in, and what it gets for the code and afterwards. */
  private letIn(url: URL, form: URLSearchParams, response: ServerResponse): void {
    if (url.pathname === '/oauth/authorize') {
      this.code = `code-${Math.random()}`;
      const back = (more: string) =>
        `${url.searchParams.get('redirect_uri')}?${more}&state=${encodeURIComponent(url.searchParams.get('state') ?? '')}`;
      const page = `<!doctype html><title>HubSpot</title><h1>Connect ${url.searchParams.get('client_id')}?</h1>
        <a href="${back(`code=${this.code}`)}">Connect app</a> <a href="${back('error=access_denied')}">Cancel</a>`;
      response.writeHead(200, { 'content-type': 'text/html' }).end(page);
      return;
    }
    const isOurs = form.get('client_id') === 'app-1' && form.get('client_secret') === 'secret-1';
    const isGood =
      form.get('grant_type') === 'refresh_token'
        ? form.get('refresh_token') === 'refresh' && !this.isWithdrawn
        : form.get('code') === this.code;
    if (!isOurs || !isGood) {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: 'invalid_grant' }));
      return;
    }
    this.code = '';
    this.granted += 1;
    this.isOver = false;
    this.isWithdrawn = false;
    const given = { access_token: `access-${this.granted}`, refresh_token: 'refresh', expires_in: 1800, token_type: 'bearer' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(given));
  }

  private answer(path: string, sent: { properties: Record<string, string> }): [number, unknown] {
    const id = String(501 + this.contacts.length);
    switch (path) {
      case '/account-info/2026-09/details':
        return [200, { portalId: 62515, uiDomain: 'app.hubspot.com' }];
      case '/crm/objects/2026-09/contacts/search':
        return [200, { total: 0, results: [] }];
      case '/crm/objects/2026-09/contacts':
        this.contacts.push(sent.properties);
        return [201, { id }];
      case '/crm/objects/2026-09/calls/search':
        return [200, { total: 0, results: [] }];
      case '/crm/objects/2026-09/calls':
        this.calls.push(sent.properties);
        return [201, { id: String(9000 + this.calls.length) }];
      default:
        return [404, { category: 'OBJECT_NOT_FOUND' }];
    }
  }

  stop(): Promise<void> {
    return stop(this.http);
  }
}

test('a CRM is connected and tested, a call is written into it, and one that was not is written again', async ({ business, desk, stack }) => {
  const hubSpot = await HubSpot.start();
  const { page } = desk;
  await page.goto(`${stack.url}/desk/settings/crm`);
  await expect(page.getByText('Nothing was written yet')).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('combobox', { name: 'CRM' }).selectOption('Pipedrive');
  await expect(page.getByLabel('API token')).toBeVisible();
  await page.getByRole('combobox', { name: 'CRM' }).selectOption('HubSpot');
  await page.getByLabel('Address, if it is not the usual one').fill(hubSpot.url);
  await page.getByLabel('Service key').fill('another-key');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('The key is wrong, or may not do enough.')).toBeVisible();
  await expectAccessible(page);
  // What is tried out is what was saved, however long that takes.
  await page.getByLabel('Service key').fill(hubSpot.key);
  const letGo = await hold(page, '**/api/desk/crm?*');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Testing…' })).toBeVisible();
  letGo();
  await expect(page.getByText('It works. (62515)')).toBeVisible();

  const number = await business.addNumber('agent_test_short');
  const ring = async () => {
    const call = await stack.emulator.ring(CALLER, number);
    await stack.emulator.end(call?.call_id ?? '', 'agent_hangup');
    return call?.call_id ?? '';
  };
  const first = await ring();
  await expect.poll(() => hubSpot.calls.length).toBe(1);
  expect(hubSpot.calls[0].hs_call_body).toContain(`${stack.url}/desk/calls/${first}`);
  const newest = page.getByRole('table', { name: 'Written' }).getByRole('row').nth(1);
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(newest).toContainText('Written', { timeout: 1000 });
  }).toPass();
  const record = newest.getByRole('link', { name: 'In the CRM' });
  await expect(record).toHaveAttribute('href', 'https://app.hubspot.com/contacts/62515/record/0-1/501');
  await expectAccessible(page);

  // The key is replaced there: the next call waits for somebody, who is told why.
  hubSpot.key = 'replaced';
  await ring();
  await ring();
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(newest).toContainText('Parked', { timeout: 1000 });
  }).toPass();
  await expect(newest).toContainText('HubSpot answered 401, INVALID_AUTHENTICATION.');
  await page.getByLabel('Service key').fill(hubSpot.key);
  await page.getByRole('button', { name: 'Save' }).click();
  await newest.getByRole('button', { name: 'Write again' }).click();
  await expect.poll(() => hubSpot.calls.length).toBe(2);
  await page.getByRole('button', { name: 'Write all that is parked again' }).click();
  await expect.poll(() => hubSpot.calls.length).toBe(3);

  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('button', { name: 'Test', exact: true })).toHaveCount(0);
  await hubSpot.stop();
});

test('somebody connects a CRM on its own page, and once more when it lets nobody in any more', async ({ business, desk, stack }) => {
  const hubSpot = await HubSpot.start();
  hubSpot.key = 'none';
  const { page } = desk;
  await page.goto(`${stack.url}/desk/settings/crm`);
  await page.getByRole('combobox', { name: 'How it is reached' }).selectOption('Somebody connects it');
  await expect(page.getByText(`${stack.url}/desk/crm/callback`)).toBeVisible();
  await page.getByLabel('Address, if it is not the usual one').fill(hubSpot.url);
  await page.getByLabel('Client ID').fill('app-1');
  await page.getByLabel('Client secret').fill('secret-1');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Nobody has connected it yet.')).toBeVisible();
  await expectAccessible(page);

  // Somebody says no, and then yes.
  await page.getByRole('button', { name: 'Connect with HubSpot' }).click();
  await expect(page.getByRole('heading', { name: 'Connect app-1?' })).toBeVisible();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page.getByText('It was not connected: you or the CRM said no.')).toBeVisible();
  await page.getByRole('button', { name: 'Connect with HubSpot' }).click();
  await page.getByRole('link', { name: 'Connect app' }).click();
  await expect(page.getByText('It is connected.')).toBeVisible();
  expect(new URL(page.url()).search).toBe('');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('It works. (62515)')).toBeVisible();

  // What opens it is over before its time: nobody notices.
  hubSpot.isOver = true;
  const number = await business.addNumber('agent_test_short');
  const call = await stack.emulator.ring(CALLER, number);
  await stack.emulator.end(call?.call_id ?? '', 'agent_hangup');
  await expect.poll(() => hubSpot.calls.length).toBe(1);

  hubSpot.isOver = true;
  hubSpot.isWithdrawn = true;
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('Somebody has to connect HubSpot again.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('HubSpot does not let us in any more. Please connect it again.')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Connect with HubSpot again' }).click();
  await page.getByRole('link', { name: 'Connect app' }).click();
  await expect(page.getByText('It is connected.')).toBeVisible();
  await hubSpot.stop();
});
