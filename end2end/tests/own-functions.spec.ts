// A function a business defines itself: entered at the desk, tried, asked for in a call, and
// taken away again. No code, but for the business's own program.

import { createHmac } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import { body, listen, stop } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

/** The business's shop, which knows one order. */
class Shop {
  readonly asked: { url: string; key: string; signedBy: (secret: string) => boolean }[] = [];

  private constructor(
    private readonly http: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Shop> {
    const http = createServer();
    const shop = new Shop(http, `http://127.0.0.1:${await listen(http)}`);
    http.on('request', async (request, response) => {
      const raw = await body(request);
      const header = (name: string) => String(request.headers[name] ?? '');
      const signedBy = (secret: string) => {
        const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
        const made = createHmac('sha256', key).update(`${header('webhook-id')}.${header('webhook-timestamp')}.`).update(raw);
        return header('webhook-signature').split(' ').includes(`v1,${made.digest('base64')}`);
      };
      shop.asked.push({ url: request.url ?? '', key: header('x-api-key'), signedBy });
      const found = request.url === '/orders/A-17';
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ? { data: { text: 'Order A-17 is on its way.', price: 19.5, secret: 'no' } } : { message: 'There is no such order.' }));
    });
    return shop;
  }

  stop(): Promise<void> {
    return stop(this.http);
  }
}

/** Asks for the order, and says what it heard. */
const ASKS = `
name = "Asks"
language = "en-US"

[[steps]]
agent = "One moment, please."

[[steps]]
tool = "find_order"
arguments = { order = "A-17" }

[[steps]]
agent = "It is on its way."

[[steps]]
visitor = "Thank you."

[[steps]]
end = "agent_hangup"
`;

const SCHEMA = JSON.stringify({
  type: 'object',
  properties: { order: { type: 'string', description: 'The number of the order.' } },
  required: ['order'],
});

test('a function is entered with what is wrong said at its fields, tried, asked for in a call, given a new secret, and deleted', async ({ panel, desk, business, stack }) => {
  const shop = await Shop.start();
  const { page } = desk;
  await page.goto(`${stack.url}/desk/settings/functions`);
  await expect(page.getByText('There are no functions of your own yet')).toBeVisible();
  await page.getByRole('button', { name: 'Add a function' }).press('Enter');
  const form = page.getByRole('form', { name: 'New function' });
  await expect(form.getByRole('heading', { name: 'New function' })).toBeFocused();

  // What is wrong is said where it is, and the first of it has the focus.
  await form.getByLabel('Name', { exact: true }).fill('book_appointment');
  await form.getByLabel('Address').fill('https://{{args.shop}}.example/');
  await form.getByLabel('What it is asked').fill('{"type": "object",\n "properties": {]}');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('There is a function of this name already.')).toBeVisible();
  await expect(form.getByText('This is not JSON: something is wrong in line 2, column 17.')).toBeVisible();
  await expect(form.getByText('The host is fixed: places are filled in only after it.')).toBeVisible();
  await expect(form.getByLabel('Name', { exact: true })).toBeFocused();
  await expect(form.getByLabel('Name', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page);
  await form.getByLabel('What it is asked').fill('{"type": "object", "properties": {}, "required": ["order"]}');
  await expect(form.getByText('“required” names “order”, which is not among the properties.')).toBeVisible();

  // Nobody loses it by going elsewhere.
  page.once('dialog', (dialog) => dialog.dismiss());
  await desk.navigation.getByRole('link', { name: 'Calls' }).click();
  await expect(form).toBeVisible();

  await form.getByLabel('Name', { exact: true }).fill('find_order');
  await form.getByLabel('When the agent is to ask for it').fill('Looks up an order.');
  await form.getByLabel('What it is asked').fill(SCHEMA);
  await form.getByLabel('Method').selectOption('GET');
  await form.getByLabel('Address').fill(`${shop.url}/orders/{{args.order}}`);
  await form.getByLabel('Headers').fill('x-api-key: the shop knows it');
  await form.getByLabel('Where the sentence is').fill('data.text');
  await form.getByLabel('What the agent is told besides').fill('price: data.price');
  await form.getByRole('button', { name: 'Save' }).click();
  const secret = await page.getByRole('textbox', { name: 'Signing secret' }).inputValue();
  expect(secret).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  const card = page.getByRole('article', { name: 'find_order' });
  await expect(card).toContainText(`GET ${shop.url}/orders/{{args.order}}`);
  await expect(card).toContainText('x-api-key');
  await expect(page.getByRole('table', { name: 'Functions' })).toContainText('find_order');

  await card.getByRole('button', { name: 'Try it: find_order' }).press('Enter');
  const trial = page.getByRole('form', { name: 'Try find_order' });
  await trial.getByRole('button', { name: 'Try it' }).click();
  await expect(trial.getByRole('status')).toContainText('Its address was not asked.');
  expect(shop.asked).toHaveLength(0);
  await trial.getByLabel('order').fill('A-17');
  await trial.getByRole('button', { name: 'Try it' }).click();
  await expect(trial.getByRole('status')).toContainText('Succeeded');
  await expect(trial.getByRole('status')).toContainText(`${shop.url}/orders/A-17`);
  await expect(trial.getByRole('status')).toContainText('"price": 19.5');
  await expect(trial.getByRole('status')).not.toContainText('secret');
  expect(shop.asked[0].key).toBe('the shop knows it');
  expect(shop.asked[0].signedBy(secret)).toBe(true);
  await expectAccessible(page);
  await trial.getByLabel('order').fill('B-2');
  await trial.getByRole('button', { name: 'Try it' }).click();
  await expect(trial.getByRole('status')).toContainText('Not possible');
  await trial.getByRole('button', { name: 'Close' }).click();

  // In a call, as the agent asks for it.
  await business.addAgent(ASKS, { emulator_functions_url: `${stack.url}/api/functions/{tool}` });
  await panel.visit({ key: business.key });
  await panel.callUntilHeard();
  await expect.poll(() => shop.asked.length).toBe(3);
  await panel.hangUp();
  await desk.open();
  await desk.openCall(panel.callId);
  const row = desk.transcript.locator('.sb-row-tool').filter({ hasText: 'find_order' });
  await expect(row.locator('.sb-chip')).toHaveText('Succeeded');
  await row.locator('summary').press('Enter');
  await expect(row.locator('pre').last()).toContainText('Order A-17 is on its way.');

  await page.goto(`${stack.url}/desk/settings/functions`);
  await card.getByRole('button', { name: 'New secret: find_order' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click();
  await expect(page.getByRole('textbox', { name: 'Signing secret' })).not.toHaveValue(secret);

  // What was entered stays, but for what is changed.
  await card.getByRole('button', { name: 'Edit: find_order' }).click();
  const change = page.getByRole('form', { name: 'Edit find_order' });
  await expect(change.getByLabel('What the agent is told besides')).toHaveValue('price: data.price');
  await change.getByLabel('Agents may ask for it').uncheck();
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(card).toContainText('Off');
  await expect(card).toContainText('x-api-key');
  await expect(page.getByRole('table', { name: 'Functions' })).not.toContainText('find_order');

  // Headers nobody sees any more can be taken away all the same.
  await card.getByRole('button', { name: 'Edit: find_order' }).click();
  await change.getByLabel('Remove the headers there are').check();
  await expectAccessible(page);
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(card).not.toContainText('x-api-key');

  await card.getByRole('button', { name: 'Delete: find_order' }).click();
  await page.getByRole('dialog', { name: 'Delete find_order?' }).getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('There are no functions of your own yet')).toBeVisible();
  await shop.stop();
});
