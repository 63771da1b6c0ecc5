// Being called back: a visitor leaves a number, the desk sees the request, and
// the telephone rings; at once or at a time the business is open. And what a
// visitor reads while it is closed.

import type { Business, Panel } from 'switchboard-playwright';
import type { Desk } from '../fixtures/desk.ts';
import { expectAgent } from '../fixtures/agents.ts';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

const NEVER = { week: [[], [], [], [], [], [], []], exceptions: [] };

const makeKey = (business: Business, settings: Record<string, unknown>) =>
  business.makeKey({
    name: 'Call-backs',
    title: 'Clínica Dental Aurora',
    agents: ['agent_demo_es'],
    modes: ['voice', 'callback'],
    countries: ['ES', 'DE'],
    ...settings,
  });

/** As an older browser does with the name of a time zone it has not heard of. */
const KNOWS_ITS_OWN_ZONE_ONLY = () => {
  const Known = Intl.DateTimeFormat;
  Intl.DateTimeFormat = new Proxy(Known, {
    construct(_, [locale, options]: [string?, Intl.DateTimeFormatOptions?]) {
      const own = new Known().resolvedOptions().timeZone;
      if (options?.timeZone && options.timeZone !== own) throw new RangeError(`Invalid time zone specified: ${options.timeZone}`);
      return new Known(locale, options);
    },
  });
};

/** Fills the form in, as a person does. */
async function fillIn(panel: Panel, name: string, phone: string): Promise<void> {
  await panel.inside.getByLabel('Name').fill(name);
  await panel.inside.getByLabel('Country').selectOption('ES');
  await panel.inside.getByLabel('Phone number').fill(phone);
  await panel.inside.getByRole('checkbox').check();
}

function row(desk: Desk, name: string) {
  return desk.page.getByRole('row').filter({ hasText: name });
}

const expectRow = (desk: Desk, name: string, state: string) => expect(desk.callback(name, state)).toBeVisible();

test('a visitor is called at once, and the desk follows the call', async ({ page, panel, desk, business, stack }) => {
  const key = await makeKey(business, {});
  await desk.page.goto(`${stack.url}/desk/callbacks`);
  await expect(desk.page.getByRole('heading', { level: 1 })).toHaveText('Call-backs');
  await panel.visit({ key });
  const told = page.evaluate(
    () => new Promise((done) => addEventListener('switchboard:callback-requested', (event) => done((event as CustomEvent).detail))),
  );
  // The page's button offers both; nothing is asked of the microphone.
  await panel.launcher.click();
  const ask = panel.inside.getByRole('button', { name: 'Call me back' });
  await ask.click();
  await expect(panel.inside.getByLabel('Name')).toBeFocused();

  // What is wrong is said at its field.
  await fillIn(panel, 'Ana García', '612 34');
  await panel.inside.getByRole('button', { name: 'Call me back' }).click();
  const phone = panel.inside.getByLabel('Phone number');
  await expect(phone).toHaveAttribute('aria-invalid', 'true');
  await expect(phone).toBeFocused();
  await expect(panel.inside.getByText('This is no phone number of this country')).toBeVisible();
  await phone.fill('803 12 34 56');
  await panel.inside.getByRole('button', { name: 'Call me back' }).click();
  await expect(panel.inside.getByText('We cannot call this number')).toBeVisible();

  await phone.fill('612 34 56 78');
  await panel.inside.getByRole('button', { name: 'Call me back' }).click();
  await expect(panel.inside.getByRole('heading', { name: 'Thank you, Ana García' })).toBeFocused();
  await expect(panel.inside.getByText('We are calling 612 34 56 78 now.')).toBeVisible();
  expect(await told).toEqual({});

  const request = desk.callback('Ana García', 'placed');
  await expect(request).toContainText('+34612345678');
  await expectAccessible(desk.page);
  await request.getByRole('link', { name: 'Open call' }).click();
  await desk.page.waitForURL(/\/desk\/calls\/call_/);
  await expect(desk.page.getByRole('heading', { level: 1 })).toContainText('+34612345678');
  // A real call: the agent speaks, and the desk reads along.
  await expect(desk.page.locator('.sb-row').first()).toBeVisible();
  const id = new URL(desk.page.url()).pathname.split('/').pop() ?? '';
  const call = await stack.emulator.retellCall(id);
  expect(call.to_number).toBe('+34612345678');
  expect(call.retell_llm_dynamic_variables).toMatchObject({ customer_name: 'Ana García' });
});

test('the form can be read and filled in without a mouse', async ({ page, panel, business }) => {
  const key = await makeKey(business, { modes: ['callback'] });
  await panel.visit({ key });
  await panel.launcher.click();
  const name = panel.inside.getByLabel('Name');
  await expect(name).toBeFocused();
  await expectAccessible(page);
  await name.press('Enter');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toHaveAccessibleDescription('Please enter your name.');
  await expectAccessible(page);
  await fillIn(panel, 'Dora Keys', '612 00 00 05');
  await panel.inside.getByLabel('Phone number').press('Enter');
  await expect(panel.inside.getByRole('heading', { name: 'Thank you, Dora Keys' })).toBeFocused();
  await expectAccessible(page);
});

test('a time is kept, and the desk calls sooner or cancels', async ({ page, panel, desk, business, stack }) => {
  const key = await makeKey(business, {});
  await desk.page.goto(`${stack.url}/desk/callbacks`);
  await panel.visit({ key });
  for (const [name, phone] of [
    ['Bea Later', '612 00 00 01'],
    ['Carlos Never', '612 00 00 02'],
  ] as const) {
    await page.reload();
    await panel.launcher.click();
    await panel.inside.getByRole('button', { name: 'Call me back' }).click();
    await fillIn(panel, name, phone);
    const when = panel.inside.getByLabel('When');
    await when.selectOption({ index: 2 });
    await panel.inside.getByRole('button', { name: 'Call me back' }).click();
    await expect(panel.inside.getByText(`We will call ${phone} on`)).toBeVisible();
    await expectRow(desk, name, 'scheduled');
  }
  await row(desk, 'Carlos Never').getByRole('button', { name: /Cancel/ }).click();
  await desk.page.getByRole('dialog').getByRole('button', { name: 'Cancel call-back' }).click();
  await expectRow(desk, 'Carlos Never', 'cancelled');
  await row(desk, 'Bea Later').getByRole('button', { name: /Call now/ }).click();
  await expectRow(desk, 'Bea Later', 'placed');
  await row(desk, 'Bea Later').getByRole('link', { name: 'Open call' }).click();
  await desk.page.waitForURL(/\/desk\/calls\/call_/);
  const id = new URL(desk.page.url()).pathname.split('/').pop() ?? '';
  const dialled = await stack.emulator.retellCall(id);
  expect(dialled.to_number).toBe('+34612000001');
  // Nobody answers: it is due again, and somebody sees to it instead.
  await stack.emulator.end(id, 'dial_no_answer');
  await desk.page.goto(`${stack.url}/desk/callbacks`);
  await expect(desk.callback('Bea Later', 'scheduled')).toContainText('Nobody answered · Tries: 1');
  await row(desk, 'Bea Later').getByRole('button', { name: 'I see to it: Bea Later' }).click();
  await expect(desk.callback('Bea Later', 'scheduled')).toContainText('You see to it');
  await row(desk, 'Bea Later').getByRole('button', { name: 'What came of it: Bea Later' }).click();
  const form = desk.page.getByRole('dialog', { name: 'What came of it' });
  await form.getByLabel('Outcome').selectOption({ label: 'Reached' });
  await form.getByLabel('Note').fill('Comes on Friday.');
  await expectAccessible(desk.page);
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(desk.callback('Bea Later', 'done')).toContainText('Comes on Friday.');
  // One is entered by hand, where one has the number before one.
  const dora = (await business.ask('POST', '/api/desk/contacts', { name: 'Dora', phone: '+34612000009' })) as { id: string };
  await desk.page.goto(`${stack.url}/desk/contacts/${dora.id}`);
  await desk.page.getByRole('link', { name: 'Enter a call-back' }).click();
  const enter = desk.page.getByRole('dialog', { name: 'Enter a call-back' });
  await expect(enter.getByLabel('Telephone number')).toHaveValue('+34612000009');
  await enter.getByLabel('Who').fill('Dora Hand');
  await enter.getByRole('button', { name: 'Save' }).click();
  await expectRow(desk, 'Dora Hand', 'open');
  // Who said no is not among those who were dialled.
  const calls = (await business.ask('GET', '/api/desk/calls')) as { items: { to_number: string | null }[] };
  expect(calls.items.map((it) => it.to_number)).toEqual(['+34612000001']);
});

test('who fills in what nobody sees is called by nobody', async ({ page, panel, desk, business, stack }) => {
  const key = await makeKey(business, { modes: ['callback'] });
  await desk.page.goto(`${stack.url}/desk/callbacks`);
  await panel.visit({ key });
  await panel.launcher.click();
  // With call-backs alone the form is what opens.
  await fillIn(panel, 'Robot', '612 00 00 03');
  await panel.inside.locator('.sbc-trap input').evaluate((input: HTMLInputElement) => (input.value = 'https://casino.example'));
  await panel.inside.getByRole('button', { name: 'Call me back' }).click();
  await expect(panel.inside.getByRole('heading', { name: 'Thank you, Robot' })).toBeVisible();
  // It may have been a person whose browser fills forms in: somebody looks first.
  await expectRow(desk, 'Robot', 'failed');
  await expect(desk.callback('Robot', 'failed')).toContainText('A program may have filled this in.');
  await page.reload();
  await panel.launcher.click();
  await fillIn(panel, 'Person', '612 00 00 04');
  await panel.inside.getByRole('button', { name: 'Call me back' }).click();
  await expectRow(desk, 'Person', 'placed');
});

test('a visitor whose browser does not know the business’s time zone is thanked in its own', async ({ page, panel, desk, business, stack }) => {
  const key = await makeKey(business, { modes: ['callback'] });
  await page.addInitScript(KNOWS_ITS_OWN_ZONE_ONLY);
  await desk.page.goto(`${stack.url}/desk/callbacks`);
  await panel.visit({ key });
  await panel.launcher.click();
  await fillIn(panel, 'Coy Haique', '612 00 00 06');
  await panel.inside.getByLabel('When').selectOption({ index: 2 });
  await panel.inside.getByRole('button', { name: 'Call me back' }).click();
  await expect(panel.inside.getByRole('heading', { name: 'Thank you, Coy Haique' })).toBeFocused();
  await expect(panel.inside.getByText('We will call 612 00 00 06 on')).toBeVisible();
  await expectRow(desk, 'Coy Haique', 'scheduled');
});

test('Retell’s own call-back widget is taken as it is', async ({ panel, business }) => {
  const key = await makeKey(business, {});
  const tag = `<script type="module" src="SERVER/widget.js" data-public-key="${key}" data-widget="callback"
    data-agent-id="agent_demo_es" data-phone-number="+34911230100" data-countries="ES" data-tc="https://example.com/terms"></script>`;
  await panel.visitPage(tag);
  await panel.launcher.click();
  await expect(panel.inside.getByLabel('Name')).toBeFocused();
  await expect(panel.inside.getByLabel('Country')).toHaveCount(0);
  await expect(panel.inside.getByRole('link', { name: 'Terms and privacy' })).toHaveAttribute('href', 'https://example.com/terms');
  await expect(panel.inside.getByRole('button', { name: 'Back', exact: true })).toHaveCount(0);
});

test('out of hours the panel says so before the microphone, and so does the server', async ({ page, panel, business, stack }) => {
  const closed = await makeKey(business, { out_of_hours: 'closed' });
  const callback = await makeKey(business, { out_of_hours: 'callback' });
  // Open when the page is loaded, closed when the visitor clicks.
  await panel.visit({ key: callback });
  await panel.warm();
  const hours = async (hours: object) => {
    const settings = (await business.ask('GET', '/api/desk/business')) as Record<string, unknown>;
    await business.ask('PUT', '/api/desk/business', { ...settings, hours });
  };
  await hours(NEVER);
  await panel.launcher.click();
  await expect(panel.inside.getByRole('heading', { name: 'We are closed right now' })).toBeVisible();
  const opens = panel.inside.getByText('We open again on ');
  await expect(opens).toHaveCount(0);
  await expectAccessible(page);
  await expect(panel.inside.getByRole('button', { name: 'Start call' })).toBeHidden();
  await expect(panel.inside.getByRole('button', { name: 'Call me back' })).toBeVisible();
  expect(panel.callId).toBe('');

  await panel.visit({ key: closed });
  await panel.launcher.click();
  await expect(panel.inside.getByRole('heading', { name: 'We are closed right now' })).toBeVisible();
  await expect(panel.inside.getByRole('button', { name: 'Call me back' })).toBeHidden();
  await expectAccessible(page);

  // It opens again, which is told in its own time, or in the visitor's where the browser knows no other.
  const date = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  await hours({ ...NEVER, exceptions: [{ date, open: [{ from: '09:00', to: '17:00' }] }] });
  const both = /9:00\sAM Berlin/;
  await panel.visit({ key: closed });
  await panel.launcher.click();
  await expect(opens).toContainText(both);
  await page.addInitScript(KNOWS_ITS_OWN_ZONE_ONLY);
  await panel.visit({ key: closed });
  await panel.launcher.click();
  await expect(opens).toContainText(/:00\s[AP]M/);
  await expect(opens).not.toContainText(both);

  const minted = await page.request.post(`${stack.url}/api/public/web-calls`, {
    headers: { origin: `http://localhost:${stack.site.port}` },
    data: { key: closed },
  });
  expect(minted.status()).toBe(403);
  expect(((await minted.json()) as { type: string }).type).toContain('out-of-hours');
});

test('the owner says at the desk what a key does', async ({ desk, business, stack }) => {
  await expectAgent(business, 'agent_demo_es');
  await desk.page.goto(`${stack.url}/desk/settings/public-keys`);
  await desk.page.getByRole('button', { name: 'Create public key' }).click();
  await desk.page.getByLabel('Name', { exact: true }).fill('Closing time');
  await desk.addAgent('Clínica Dental Aurora – Lucía');
  await desk.page.getByLabel('Websites').fill('https://www.example.com');
  await desk.page.getByLabel('Call-backs', { exact: true }).check();
  const countries = desk.page.getByLabel('Countries that are called back');
  // By name, or by the codes one knows by heart; nobody is called back in a country there is not.
  await countries.fill('Spain');
  await countries.press('Enter');
  await expect(desk.page.getByRole('button', { name: 'Remove: Spain' })).toBeVisible();
  await countries.fill('Atlantis');
  await countries.press('Enter');
  await expect(desk.page.getByText('Please choose one of the list.')).toBeVisible();
  await countries.fill('fr, de');
  await countries.press('Tab');
  await expect(countries).not.toHaveAttribute('aria-invalid', 'true');
  await desk.page.getByRole('button', { name: 'Remove: France' }).click();
  await expect(countries).toBeFocused();
  await expectAccessible(desk.page);
  await desk.page.getByLabel('Outside business hours').selectOption({ label: 'Offer call-backs only' });
  await desk.page.getByRole('button', { name: 'Save' }).click();
  await expect(row(desk, 'Closing time')).toBeVisible();
  const keys = async () => {
    const answer = await desk.page.request.get(`${stack.url}/api/desk/public-keys`);
    return ((await answer.json()) as { items: { name: string; countries: string[]; out_of_hours: string }[] }).items;
  };
  const made = (await keys()).find((it) => it.name === 'Closing time');
  expect(made).toMatchObject({ countries: ['ES', 'DE'], out_of_hours: 'callback' });

  // Without call-backs there are none out of hours: what is shown then is what is saved.
  await row(desk, 'Closing time').getByRole('button', { name: /Edit/ }).click();
  await desk.page.getByLabel('Call-backs', { exact: true }).uncheck();
  const outside = desk.page.getByLabel('Outside business hours').locator('option:checked');
  await expect(outside).toHaveText('Say when it opens again');
  await desk.page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await keys()).find((it) => it.name === 'Closing time')?.out_of_hours).toBe('closed');
});
