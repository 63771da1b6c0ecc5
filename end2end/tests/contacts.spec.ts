// Contacts: kept by a person, found again, with all that happened with them; and one whose calls
// are declined.

import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

const ANA = '+34612345678';

test('a person keeps a contact, finds it, reads what happened and declines its calls', async ({ desk, business, stack }) => {
  const { page } = desk;
  const number = await business.addNumber('agent_test_short');
  await page.goto(`${stack.url}/desk/contacts`);
  await expect(desk.heading('Contacts')).toBeVisible();
  await expect(page.getByText('No contacts yet')).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Add contact' }).click();
  const form = page.getByRole('dialog', { name: 'Add contact' });
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('Please give a name, a number or an e-mail address.')).toBeVisible();
  await form.getByLabel('Phone number').fill('call me');
  await form.getByRole('button', { name: 'Save' }).click();
  // Only the server knows what is a number. It names the field.
  const phone = form.getByLabel('Phone number');
  await expect(phone).toBeFocused();
  await expect(phone).toHaveAccessibleDescription(/^This was not accepted\. Please check what you entered\./);
  await expectAccessible(page);
  await form.getByLabel('Name').fill('Ana García');
  await form.getByLabel('Phone number').fill('+34 612 34 56 78');
  await form.getByLabel('Language').selectOption('Español');
  const tags = form.getByLabel('Tags');
  await tags.pressSequentially('silver,gold,');
  await expect(form.getByRole('button', { name: 'Remove: gold' })).toBeVisible();
  await expect(tags).toHaveValue('');
  await tags.press('Backspace');
  await expect(form.getByRole('button', { name: 'Remove: gold' })).toHaveCount(0);
  await form.getByRole('button', { name: 'Remove: silver' }).click();
  await expect(tags).toBeFocused();
  // What is typed and not added yet is meant, too.
  await tags.fill('gold, key account');
  await expect(form.getByRole('button', { name: 'Remove: gold' })).toBeVisible();
  await form.getByLabel('Other facts').fill('plan: gold');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/desk\/contacts\/[^/]+$/);
  await expect(desk.heading('Ana García')).toBeVisible();
  await expect(page.getByText('Nothing yet')).toBeVisible();
  await expectAccessible(page);

  // A call ends, and an appointment is made.
  const ring = () => stack.emulator.ring(ANA, number);
  const call = await ring();
  expect(call?.retell_llm_dynamic_variables).toMatchObject({ caller_name: 'Ana García', caller_language: 'es' });
  await stack.emulator.end(call?.call_id ?? '', 'agent_hangup');
  const settings = (await business.ask('GET', '/api/desk/business')) as Record<string, unknown>;
  const hours = { week: Array(7).fill([{ from: '00:00', to: '24:00' }]), exceptions: [] };
  await business.ask('PUT', '/api/desk/business', { ...settings, hours });
  const service = (await business.ask('POST', '/api/desk/calendar/services', { name: 'Check-up', minutes: 30 })) as { id: string };
  const path = `/api/desk/calendar/slots?service_id=${service.id}&from=${Date.now() + 86_400_000}&limit=1`;
  const slots = (await business.ask('GET', path)) as { items: { starts_at: number }[] };
  const booking = { service_id: service.id, starts_at: slots.items[0].starts_at, name: 'Ana García', phone: ANA };
  await business.ask('POST', '/api/desk/calendar/bookings', booking);
  const toCome = page.locator('h3', { hasText: 'Coming up' }).locator('+ ol');
  await expect(toCome).toContainText('Appointment: Check-up');
  await page.reload();
  const soFar = page.locator('h3', { hasText: 'So far' }).locator('+ ol');
  await expect(soFar.getByRole('link', { name: 'Called' })).toHaveAttribute('href', `/desk/calls/${call?.call_id}`);
  await expectAccessible(page);
  await soFar.getByRole('link', { name: 'See transcript' }).click();
  await expect(page).toHaveURL(new RegExp(`/desk/calls/${call?.call_id}\\?open=transcript$`));
  await expect(desk.transcript).toBeFocused();
  await page.goBack();
  // Who answers her next time is told of it.
  const again = await ring();
  expect(again?.retell_llm_dynamic_variables?.next_appointment).toMatch(/^Check-up, /);
  // Whoever takes the call sees who it is, what is to come and what was, besides this call.
  const other = await desk.page.context().newPage();
  await other.goto(`${stack.url}/desk/calls/${again?.call_id}`);
  const beside = other.getByRole('region', { name: 'Contact' });
  await expect(beside).toContainText('Appointment: Check-up');
  await expect(beside.getByRole('link', { name: 'Called' })).toHaveAttribute('href', `/desk/calls/${call?.call_id}`);
  await expect(beside).toContainText('key account');
  await expectAccessible(other);
  // An appointment is booked for her from there, and leads back to the call and to her.
  await other.getByRole('link', { name: 'Book an appointment' }).click();
  const book = other.getByRole('dialog', { name: 'Book' });
  await expect(book.getByLabel('Name')).toHaveValue('Ana García');
  await expect(book.getByLabel('Phone number')).toHaveValue(ANA);
  await expect(other).toHaveURL(/\/desk\/calendar\?day=[-\d]+$/);
  await book.getByLabel('Day').fill(new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10));
  await book.getByRole('radio').first().check();
  await book.getByRole('button', { name: 'Book' }).click();
  await expect(other.getByText(/^Booked\. The number is \d{6}\.$/)).toBeVisible();
  const booked = (await business.ask('GET', `/api/desk/calendar/bookings?from=${Date.now()}&to=${Date.now() + 4 * 86_400_000}`)) as { items: { id: string; call_id?: string }[] };
  const made = booked.items.find((it) => it.call_id === again?.call_id)?.id;
  await expect(toCome.locator(`[data-moment="${made}"]`)).toBeVisible();
  await page.locator(`[data-moment="${made}"]`).getByRole('link', { name: 'Check-up' }).click();
  const details = page.getByRole('dialog', { name: 'Booking' });
  await expect(details.getByRole('link', { name: 'The call' })).toHaveAttribute('href', `/desk/calls/${again?.call_id}`);
  await expectAccessible(page);
  await details.getByRole('link', { name: 'Ana García' }).click();
  await expect(page).toHaveURL(/\/desk\/contacts\/[^/]+$/);
  await other.goto(`${stack.url}/desk/calls/${again?.call_id}`);
  await beside.getByRole('link', { name: 'Ana García' }).click();
  await expect(other).toHaveURL(/\/desk\/contacts\/[^/]+$/);
  await stack.emulator.end(again?.call_id ?? '', 'agent_hangup');
  // Who is not known yet is kept from there.
  const stranger = await stack.emulator.ring('+4930901820', number);
  await other.goto(`${stack.url}/desk/calls/${stranger?.call_id}`);
  await beside.getByRole('link', { name: 'Add contact' }).click();
  await expect(other.getByRole('dialog', { name: 'Add contact' }).getByLabel('Phone number')).toHaveValue('+4930901820');
  await other.close();
  await stack.emulator.end(stranger?.call_id ?? '', 'agent_hangup');

  // Nobody sends messages for this business.
  await page.getByRole('button', { name: 'Send message' }).click();
  await expect(page.getByText('Please write something first.')).toBeVisible();
  await page.getByLabel('Text message').fill('See you tomorrow.');
  await page.getByRole('button', { name: 'Send message' }).click();
  await expect(page.getByText('This business has no provider for text messages yet.')).toBeVisible();

  await expect(page.getByLabel('Other facts')).toHaveValue('plan: gold');
  await page.getByLabel('Decline their calls').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Blocked', { exact: true })).toBeVisible();
  expect(await ring()).toBeUndefined();

  // The message that could not be sent is not lost without a question.
  page.once('dialog', (question) => question.accept());
  await page.getByRole('link', { name: 'All contacts' }).click();
  const row = page.getByRole('table', { name: 'Contacts' }).getByRole('row').filter({ hasText: 'Ana García' });
  await expect(row).toContainText('Blocked');
  await expect(row).toContainText('key account');
  const search = page.getByRole('searchbox', { name: 'Search name, number, e-mail or tag' });
  await search.fill('612 34');
  await expect(row).toBeVisible();
  await search.fill('nobody');
  await expect(page.getByText('Nobody matches')).toBeVisible();
  await expectAccessible(page);
  await search.fill('KEY ACC');
  await row.getByRole('link', { name: 'Ana García' }).click();
  await page.getByRole('button', { name: 'Delete contact' }).click();
  const question = page.getByRole('dialog', { name: 'Delete Ana García?' });
  await question.getByRole('button', { name: 'Delete contact' }).click();
  await expect(page.getByText('No contacts yet')).toBeVisible();
});

test('what is typed about a contact stays, whatever happens with it meanwhile', async ({ desk, business, stack }) => {
  const { page } = desk;
  const number = await business.addNumber('agent_test_short');
  const { id } = (await business.ask('POST', '/api/desk/contacts', { name: 'Ana', phone: ANA })) as { id: string };
  const isOver = async () => {
    const call = await stack.emulator.ring(ANA, number);
    await stack.emulator.end(call?.call_id ?? '', 'agent_hangup');
  };
  await page.goto(`${stack.deskUrl}/contacts/${id}`);
  const [message, notes] = [page.getByLabel('Text message'), page.getByLabel('Notes')];
  await message.fill('See you tomorrow.');
  await notes.fill('Comes in the morning.');

  // A colleague changes it, and a call that is over has it loaded anew.
  await business.ask('PUT', `/api/desk/contacts/${id}`, { name: 'Ana García', phone: ANA, notes: 'Comes at noon.' });
  await isOver();
  await expect(desk.heading('Ana García')).toBeVisible();
  await expect(notes).toHaveValue('Comes in the morning.');
  await expect(notes).toBeFocused();
  await expect(message).toHaveValue('See you tomorrow.');
  // Nor does it go with a load that fails.
  const path = `**/api/desk/contacts/${id}`;
  await page.route(path, (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()));
  await isOver();
  const trouble = page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' });
  await expect(trouble).toBeVisible();
  await expect(notes).toHaveValue('Comes in the morning.');
  await page.unroute(path);
  await trouble.getByRole('button', { name: 'Try again' }).click();
  await expect(trouble).toHaveCount(0);

  await page.getByRole('button', { name: 'Save' }).click();
  const asked = page.getByRole('alert').filter({ hasText: 'Somebody else changed this meanwhile.' });
  await expect(asked).toBeVisible();
  await expect(notes).toHaveValue('Comes at noon.');
  await asked.getByRole('button', { name: 'Keep mine' }).click();
  await expect(notes).toHaveValue('Comes in the morning.');
  await expect(message).toHaveValue('See you tomorrow.');
  // What nobody is typing into is as it is now.
  await business.ask('PUT', `/api/desk/contacts/${id}`, { name: 'Ana García', phone: ANA, notes: 'Comes at night.' });
  await isOver();
  await expect(notes).toHaveValue('Comes at night.');
});
