// The calls that were are worked: found by what was said, wrapped up, given out, and kept under a name.

import { readFile } from 'node:fs/promises';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

/** The answers to exports come by pieces from here on, until that is ended. */
const PIECES = `(() => {
  const { fetch } = window;
  let controller;
  window.pieces = {
    give: (text) => controller.enqueue(new TextEncoder().encode(text)),
    breakOff: () => controller.error(new TypeError('network error')),
    end: () => (window.fetch = fetch),
  };
  window.fetch = async (address, init) => {
    if (!String(address).includes('/calls/export')) return fetch(address, init);
    const body = new ReadableStream({ start: (it) => (controller = it) });
    init.signal.addEventListener('abort', () => controller.error(init.signal.reason));
    return new Response(body);
  };
})()`;

test('a call is found by what was said in it, and what it came to has to be said', async ({ panel, desk, business }) => {
  const { page } = desk;
  const list = { items: [{ name: 'Appointment made', tone: 'good' }, { name: 'Complaint', tone: 'bad' }], required: true };
  await business.ask('PUT', '/api/desk/dispositions', list);
  await panel.visit();
  await panel.callUntilHeard();
  const { callId } = panel;
  await panel.button('Hang up').click();

  // What was said is whatever the agent said first.
  const call = async () => (await business.ask('GET', `/api/desk/calls/${callId}`)) as { transcript: { role: string; content?: string }[] };
  const spoken = async () => (await call()).transcript.filter((item) => item.role === 'agent' || item.role === 'user').map((item) => item.content ?? '').join(' ');
  await expect.poll(spoken).toMatch(/\p{L}{5,}/u);
  const words = (await spoken()).match(/\p{L}{5,}/gu) ?? [];
  const word = words.reduce((longest, it) => (it.length > longest.length ? it : longest), '');
  const found = async () => ((await business.ask('GET', `/api/desk/calls?text=${encodeURIComponent(word)}`)) as { items: { id: string }[] }).items.map((it) => it.id);
  await expect.poll(found).toContain(callId);

  await desk.open();
  const more = await desk.moreFilters();
  await more.getByLabel('Said in the call').fill('neverwassaid');
  await expect(page).toHaveURL(/\?text=neverwassaid$/);
  await expect(desk.link(callId)).toHaveCount(0);
  await more.getByLabel('Said in the call').fill(word.toUpperCase());
  await expect(desk.link(callId)).toBeVisible();
  await more.getByRole('button', { name: 'Close' }).click();

  await desk.openCall(callId);
  await expect(page.getByText('This call still needs a disposition.')).toBeVisible();
  await page.getByLabel('Tags').fill('gold, new customer');
  const save = page.locator('section', { hasText: 'Wrap-up' }).getByRole('button', { name: 'Save' });
  await save.click();
  await expect(page.getByText('Please choose how the call came out.')).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Disposition').selectOption('Appointment made');
  // What is typed while it is saved stays, and is saved after it.
  let go = () => {};
  const saving = new Promise<void>((resolve) => { go = resolve; });
  await page.route('**/wrap-up?revision=*', async (route) => {
    await saving;
    await route.continue();
  });
  await save.click();
  await page.getByLabel('Tags').fill('with the dog');
  go();
  await expect(page.getByText('This call still needs a disposition.')).toHaveCount(0);
  await expect(page.getByLabel('Tags')).toHaveValue('with the dog');
  await expect(page.getByLabel('Tags')).toBeFocused();
  await page.getByLabel('Tags').press('Enter');
  const saved = page.waitForResponse('**/wrap-up?revision=*');
  await save.click();
  await saved;
  await expect(page.locator('section', { hasText: 'Wrap-up' }).getByRole('status')).toHaveText('Saved.');
  await page.reload();
  await expect(page.getByLabel('Disposition')).toHaveValue('Appointment made');
  for (const tag of ['gold', 'new customer', 'with the dog']) await expect(page.getByRole('button', { name: `Remove: ${tag}` })).toBeVisible();

  // Notes are several, each with who wrote it, who may change and remove it.
  const notes = page.getByRole('region', { name: 'Notes' });
  const rows = notes.getByRole('listitem');
  const write = notes.getByLabel('New note');
  await write.fill('Comes on Tuesday.');
  await notes.getByRole('button', { name: 'Save' }).click();
  await expect(rows).toHaveCount(1);
  await expect(write).toHaveValue('');
  await business.ask('POST', `/api/desk/calls/${callId}/notes`, { text: 'Calls again.' });
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText(/wrote \(.+\):\s*Comes on Tuesday\./);
  await rows.first().getByRole('button', { name: 'Change the note' }).click();
  await expect(notes.getByLabel('Change the note')).toBeFocused();
  await notes.getByLabel('Change the note').fill('Comes on Tuesday, with the dog.');
  await notes.getByRole('button', { name: 'Save' }).click();
  await expect(rows.first()).toContainText('with the dog.');
  await expect(rows.first()).toContainText('(changed ');
  await expectAccessible(page);
  await rows.nth(1).getByRole('button', { name: 'Remove the note' }).click();
  await page.getByRole('dialog', { name: 'Remove this note?' }).getByRole('button', { name: 'Remove the note' }).click();
  await expect(rows).toHaveCount(1);
  await expect(write).toBeFocused();

  // Another desk sees it change.
  await business.ask('PUT', `/api/desk/calls/${callId}/wrap-up`, { disposition: 'Complaint', tags: [], note: '' });
  await expect(page.getByLabel('Disposition')).toHaveValue('Complaint');
});

test('calls of a filter are downloaded, and the filter is kept under a name', async ({ desk, business, stack }) => {
  const { page } = desk;
  const number = await business.addNumber('agent_test_short');
  const ring = async () => {
    const id = (await stack.emulator.ring('+4930901820', number))?.call_id ?? '';
    await stack.emulator.end(id, 'user_hangup');
    return id;
  };
  const [gold, other] = [await ring(), await ring()];
  await desk.open();
  await expect(desk.link(gold)).toBeVisible();
  await expect(desk.link(other)).toBeVisible();
  await business.ask('PUT', `/api/desk/calls/${gold}/wrap-up`, { tags: ['gold'], note: '=1+1' });
  await page.reload();
  const more = await desk.moreFilters();
  await more.getByLabel('Tag', { exact: true }).selectOption('gold');
  await expect(page).toHaveURL(/\?tag=gold$/);
  await expect(desk.link(other)).toHaveCount(0);
  await expectAccessible(page);
  const csv = more.getByRole('button', { name: 'Download as CSV' });
  const [download] = await Promise.all([page.waitForEvent('download'), csv.click()]);
  await expect(more.getByText('1 call was exported.')).toBeVisible();
  expect(download.suggestedFilename()).toBe('calls.csv');
  const file = await readFile(await download.path(), 'utf8');
  expect(file).toContain(gold);
  expect(file).not.toContain(other);
  expect(file).toContain("'=1+1");

  // A long one, by pieces: how far it is is told, it is called off, and what breaks off is nobody's file.
  await page.evaluate(PIECES);
  const give = (what: string) => page.evaluate(`pieces.${what}`);
  let downloads = 0;
  page.on('download', () => (downloads += 1));
  await csv.click();
  await give('give(\'"id","note"\\r\\n"1","a\\nb"\\r\\n"2",\')');
  await expect(more.getByText('1 of about 1 calls')).toBeVisible();
  await expectAccessible(page);
  await more.getByRole('button', { name: 'Cancel the export' }).click();
  await expect(more.getByText('The export was cancelled. Nothing was saved.')).toBeVisible();
  await expect(csv).toBeFocused();
  await more.getByRole('button', { name: 'Download as JSON lines' }).click();
  await give('give(\'{"id":"1"}\\n{"id":"2"}\\n\')');
  await expect(more.getByText('2 of about 2 calls')).toBeVisible();
  await give('breakOff()');
  await expect(more.getByText('The file did not come to its end, so nothing was saved.')).toBeVisible();
  await expect(more.getByRole('button', { name: 'Cancel the export' })).toHaveCount(0);
  expect(downloads).toBe(0);
  await give('end()');

  await more.getByLabel('Name of the view').fill('Golden calls');
  await more.getByRole('button', { name: 'Save these filters' }).click();
  await expect(more.getByRole('link', { name: 'Golden calls' })).toHaveAttribute('href', /\?tag=gold$/);
  await desk.open();
  await expect(desk.link(other)).toBeVisible();
  const again = await desk.moreFilters();
  await again.getByRole('link', { name: 'Golden calls' }).click();
  await expect(page).toHaveURL(/\?tag=gold$/);
  await expect(desk.link(other)).toHaveCount(0);
  await again.getByRole('button', { name: 'Remove the view Golden calls' }).click();
  await expect(again.getByRole('link', { name: 'Golden calls' })).toHaveCount(0);
});
