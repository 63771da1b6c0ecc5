// How a business sends text messages: a gateway of its own is described, a template is written
// in two languages, sent to try it, and its receipt comes back.

import { type Server, createServer } from 'node:http';
import { body, listen, stop } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

/** A gateway that takes what it was described as taking, and nothing else. */
class Gateway {
  readonly taken: { to: string; text: string; receipt: string }[] = [];

  private constructor(
    private readonly http: Server,
    readonly url: string,
  ) {}

  static async start(key: string): Promise<Gateway> {
    const http = createServer();
    const gateway = new Gateway(http, `http://127.0.0.1:${await listen(http)}`);
    http.on('request', async (request, response) => {
      const raw = (await body(request)).toString();
      const isRight = request.method === 'POST' && request.headers['x-api-key'] === key && request.headers['content-type'] === 'application/json';
      if (isRight) gateway.taken.push(JSON.parse(raw));
      response.writeHead(isRight ? 202 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: { id: `gw-${gateway.taken.length}` } }));
    });
    return gateway;
  }

  /** Tells what became of the message that came last. */
  async tell(state: string): Promise<void> {
    const { receipt } = this.taken.at(-1) ?? { receipt: '' };
    const answer = await fetch(receipt, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ status: state }),
    });
    expect(answer.ok).toBe(true);
  }

  stop(): Promise<void> {
    return stop(this.http);
  }
}

test('a gateway is described, a template is written in two languages and sent, and its receipt is seen', async ({ desk, stack }) => {
  const key = 'a key of the gateway';
  const gateway = await Gateway.start(key);
  const { page } = desk;
  await page.goto(`${stack.url}/desk/settings/text-messages`);
  const settings = page.getByRole('form', { name: 'Who sends them' });
  const trial = page.getByRole('form', { name: 'Send a test message' });
  const tab = (label: string) => page.getByRole('tablist', { name: 'Text messages' }).getByRole('tab', { name: label });
  await expect(settings).toBeVisible();
  await tab('Templates').click();
  await expect(page).toHaveURL(/\/text-messages\/templates$/);
  await expect(page.getByText('There are no templates yet')).toBeVisible();
  await expectAccessible(page);

  // Nobody sends yet.
  await tab('Send a test message').click();
  await trial.getByLabel('To', { exact: true }).fill('+49 170 1234567');
  await trial.getByLabel('Text', { exact: true }).fill('Hello');
  await trial.getByRole('button', { name: 'Send' }).click();
  await expect(trial.getByText('First say under “Who sends them” who sends.')).toBeVisible();

  // What lacks is said where it is, and what was typed elsewhere stays.
  await tab('Who sends them').click();
  await expect(trial).toBeHidden();
  await settings.getByLabel('Provider').selectOption('Twilio');
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings.getByText('Please enter the auth token.')).toBeVisible();
  await expect(settings.getByText('Please give either a number or a messaging service.')).toBeVisible();
  await expect(settings.getByLabel('Account SID')).toBeFocused();
  await expectAccessible(page);

  await settings.getByLabel('Provider').selectOption('Vonage');
  await settings.getByLabel('Sender').fill('Clinic');
  await settings.getByLabel('API secret').fill('only one of the two');
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings.getByText('Please give the API key, the sender and both secrets')).toBeVisible();
  await settings.getByLabel('API key').fill('abcd1234');
  await settings.getByLabel('Signature secret').fill('the other one');
  await settings.getByLabel('Further words for no messages').fill('plus rien');
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings.getByText('Please begin each line with a language')).toBeVisible();
  await expectAccessible(page);
  await settings.getByLabel('Further words for no messages').fill('fr: arrêt, plus rien');
  await settings.getByLabel('Answer to who wants no messages').fill('fr: Entendu : plus rien.');
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings.getByText('Saved.', { exact: true })).toBeVisible();
  await expect(settings.getByLabel('API secret')).toHaveValue('');
  await page.reload();
  await expect(settings.getByLabel('Provider')).toHaveValue('vonage');
  await expect(settings.getByLabel('API key')).toHaveValue('abcd1234');
  await expect(settings.getByLabel('Further words for no messages')).toHaveValue('fr: arrêt, plus rien');
  await expect(settings.getByLabel('Answer to who wants no messages')).toHaveValue('fr: Entendu : plus rien.');

  await settings.getByLabel('Provider').selectOption('Another one, over HTTP');
  await settings.getByLabel('Address').fill(`${gateway.url}/messages`);
  await settings.getByLabel('Headers').fill('x-api-key: {{secrets.key}}');
  await settings.getByLabel('Body (JSON)').fill('{"to": "{{digits}}", "text": "{{text}}", "receipt": {{receipt_url}}}');
  await settings.getByLabel('Secrets').fill(`key: ${key}`);
  await settings.getByLabel('Where its id is in the answer').fill('data.id');
  await settings.getByLabel('Where the state is').fill('body.status');
  await settings.getByLabel('States for delivered').fill('delivered, read');
  await settings.getByLabel('States for failed').fill('undelivered');
  await settings.getByLabel('Quiet hours').check();
  await settings.getByLabel('From', { exact: true }).fill('21:00');
  await settings.getByLabel('To', { exact: true }).fill('21:00');
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings.getByText('Please give two different times.')).toBeVisible();
  await expect(settings.getByText('This is not JSON: something is wrong in line 1')).toBeVisible();
  await settings.getByLabel('Body (JSON)').fill('{"to": "{{digits}}", "text": "{{text}}", "receipt": "{{receipt_url}}"}');
  // Else it would depend on the hour of the test.
  await settings.getByLabel('Quiet hours').uncheck();
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings.getByText('Saved.', { exact: true })).toBeVisible();
  await expect(settings.getByText('There are: key.')).toBeVisible();
  await expect(settings.getByLabel('Secrets')).toHaveValue('');
  await expectAccessible(page);

  await tab('Templates').click();
  await page.getByRole('button', { name: 'Add a template' }).press('Enter');
  const form = page.getByRole('form', { name: 'Add a template' });
  await form.getByLabel('Name').fill('reminder');
  await form.getByLabel('Text').fill('See you on {{day}}.');
  await form.getByRole('button', { name: 'Add a language' }).click();
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('Please choose a language, each only once.')).toBeVisible();
  await form.getByLabel('Language', { exact: true }).last().selectOption('Spanish');
  await form.getByLabel('Text').last().fill('Hasta el {{day}}.');
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Save' }).click();
  const templates = page.getByRole('table', { name: 'Templates' });
  await expect(templates).toContainText('en, es');

  await tab('Send a test message').click();
  await trial.getByLabel('To', { exact: true }).fill('+49 170 1234567');
  await trial.getByLabel('Template').selectOption('reminder');
  await trial.getByLabel('Language').selectOption('es');
  await trial.getByLabel('What its places are filled with').fill('day = martes');
  await trial.getByRole('button', { name: 'Send' }).click();
  await expect.poll(() => gateway.taken.length).toBe(1);
  expect(gateway.taken[0]).toMatchObject({ to: '491701234567', text: 'Hasta el martes.' });
  await gateway.tell('delivered');
  await expect(async () => {
    await trial.getByRole('button', { name: 'Look again' }).click();
    await expect(trial.getByRole('status')).toContainText('Delivered', { timeout: 1000 });
  }).toPass();
  await expectAccessible(page);

  await tab('Templates').click();
  await templates.getByRole('button', { name: 'Remove: reminder' }).click();
  await expect(page.getByText('There are no templates yet')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(templates).toContainText('reminder');
  await gateway.stop();
});
