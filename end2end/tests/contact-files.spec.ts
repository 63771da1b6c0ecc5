// Many contacts at once: a file is looked at, taken in and given out; two that are one person become one; and two people
// who change the same are told.

import { readFile } from 'node:fs/promises';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

const file = (text: string, name = 'people.csv') => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text, 'latin1') });

interface Kept {
  items: { name: string; phone?: string; more_phones: string[]; fields: Record<string, unknown> }[];
}

interface Imports {
  items: { file: string; state: string; created: number }[];
}

test('a file of contacts is looked at, taken in, and what was refused comes back', async ({ desk, business, stack }) => {
  const { page } = desk;
  await business.ask('POST', '/api/desk/contacts', { name: 'Ana', phone: '+34911230100' });
  await page.goto(`${stack.url}/desk/contacts`);
  await page.getByRole('link', { name: 'Import from a file' }).click();
  await expect(desk.heading('Import from a file')).toBeVisible();
  await expectAccessible(page);
  const choose = page.getByLabel('Choose a file');
  await choose.setInputFiles(file('Name;Phone\n'));
  await expect(page.getByText('This file cannot be read.')).toBeVisible();

  const text =
    'Nombre;Tel\u00e9fono;Correo;Plan;Leer\r\n' +
    'Ana Garc\u00eda;911 23 01 00;ana@example.com;Oro;\r\n' +
    'Ben;"0049 30 901820";;=1+1;\r\n' +
    'Cleo;call me;;;\r\n';
  await choose.setInputFiles(file(text));
  const columns = page.getByRole('table', { name: 'Columns' });
  await expect(columns.getByRole('combobox', { name: 'Tel\u00e9fono' })).toHaveValue('phone');
  await expect(columns.getByRole('combobox', { name: 'Plan' })).toHaveValue('field');
  await expect(columns.getByRole('combobox', { name: 'Leer' })).toHaveValue('ignored');
  await expect(columns).toContainText('911 23 01 00');
  const count = (name: string) => page.locator('.sb-counts div', { hasText: name }).locator('dd');
  // A number at home needs its country.
  await expect(count('Refused')).toHaveText('2');
  await page.getByLabel('Country of numbers without a country code').fill('ES');
  await expect(count('Refused')).toHaveText('1');
  await expect(count('New')).toHaveText('1');
  await expect(count('Changes one')).toHaveText('1');
  await expect(page.getByRole('table', { name: 'Refused lines' })).toContainText('No telephone number');
  await expect(page.getByRole('table', { name: 'The first lines' })).toContainText('Ana Garc\u00eda');
  await columns.getByRole('combobox', { name: 'Correo' }).selectOption('Left out');
  await expect(page.getByRole('table', { name: 'The first lines' })).not.toContainText('ana@example.com');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText('Done.')).toBeVisible();
  await expect(count('Refused')).toHaveText('1');
  await expectAccessible(page);
  const [report] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the refused lines' }).click(),
  ]);
  expect(report.suggestedFilename()).toBe('refused-people.csv');
  const refused = await readFile(await report.path(), 'utf8');
  expect(refused).toContain('"Line","Why","Nombre"');
  expect(refused).toMatch(/"4","No telephone number[^"]*","Cleo","call me"/);
  const kept = (await business.ask('GET', '/api/desk/contacts')) as Kept;
  expect(kept.items).toMatchObject([
    { name: 'Ben', phone: '+4930901820', fields: { Plan: '=1+1' } },
    { name: 'Ana Garc\u00eda', phone: '+34911230100', fields: { Plan: 'Oro' } },
  ]);

  await page.getByRole('link', { name: 'All contacts' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as CSV' }).click()]);
  const given = await readFile(await download.path(), 'utf8');
  expect(given).toContain("Ben,'+4930901820");
  expect(given).toContain("'=1+1");
});

test('a file that is dropped is taken in until somebody stops it', async ({ desk, business, stack }) => {
  const { page } = desk;
  await page.goto(`${stack.url}/desk/contacts/import`);
  const target = page.locator('.sb-drop');
  await expect(target).toBeVisible();
  const dropped = await page.evaluateHandle(() => {
    const lines = Array.from({ length: 30_000 }, (_, at) => `Person ${at},+1415${5_550_000 + at}`);
    const transfer = new DataTransfer();
    transfer.items.add(new File([`Name,Phone\n${lines.join('\n')}\n`], 'many.csv', { type: 'text/csv' }));
    return transfer;
  });
  await target.dispatchEvent('dragover', { dataTransfer: dropped });
  await expect(target).toHaveAttribute('data-over', 'true');
  await target.dispatchEvent('dragleave', { dataTransfer: dropped });
  await expect(target).toHaveAttribute('data-over', 'false');
  await target.dispatchEvent('drop', { dataTransfer: dropped });
  await expect(page.getByText('many.csv')).toBeVisible();
  const count = (name: string) => page.locator('.sb-counts div', { hasText: name }).locator('dd');
  await expect(count('New')).toHaveText('30000', { timeout: 60_000 });

  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(count('New')).not.toHaveText('0', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByText('Stopped. What was imported stays.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toHaveCount(0);
  await expectAccessible(page);
  // What was taken in is there, and nothing comes after it.
  const { items } = (await business.ask('GET', '/api/desk/contacts/imports')) as Imports;
  expect(items).toMatchObject([{ file: 'many.csv', state: 'cancelled' }]);
  expect(items[0].created).toBeLessThan(30_000);
  await expect(count('New')).toHaveText(String(items[0].created));
  await page.getByRole('button', { name: 'Another file' }).click();
  await expect(page.getByRole('table', { name: 'Last files' })).toContainText('Stopped. What was imported stays.');
});

test('two contacts that are one person become one', async ({ desk, business, stack }) => {
  const { page } = desk;
  const contact = (more: object) => business.ask('POST', '/api/desk/contacts', { name: 'Ana', ...more });
  const old = (await contact({ phone: '+34911230100', notes: 'Tall.' })) as { id: string };
  await contact({ name: '\u00c1NA', phone: '+34612345678', email: 'ana@example.com', notes: 'Small.', tags: ['gold'] });
  await page.goto(`${stack.url}/desk/contacts`);
  await page.getByRole('link', { name: 'Find duplicates' }).click();
  await expect(page.getByRole('table', { name: 'Same name' })).toContainText('+34612345678');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Compare' }).click();
  const table = page.getByRole('table', { name: 'Merge two contacts' });
  await expect(table.getByRole('radio', { name: 'Name: Ana' })).toBeChecked();
  await expect(table.getByRole('radio', { name: 'Notes: Both' })).toBeChecked();
  await table.getByRole('radio', { name: 'Name: \u00c1NA' }).check();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'Make \u00c1NA and Ana one contact?' });
  await question.getByRole('button', { name: 'Merge', exact: true }).click();
  await expect(page.getByText('No duplicates')).toBeVisible();
  const one = await business.ask('GET', `/api/desk/contacts/${old.id}`);
  expect(one).toMatchObject({
    name: '\u00c1NA',
    phone: '+34911230100',
    more_phones: ['+34612345678'],
    email: 'ana@example.com',
    notes: 'Tall.\nSmall.',
    tags: ['gold'],
  });

  // Any two can be chosen; and it can be left as it is.
  await contact({ name: 'Benita', phone: '+4930901820' });
  await page.goto(`${stack.url}/desk/contacts/${old.id}`);
  await page.getByRole('button', { name: 'Merge with another contact' }).click();
  await page.getByRole('searchbox', { name: 'Name, number or e-mail address' }).fill('benita');
  await page.getByRole('button', { name: 'Benita' }).click();
  await expect(table.getByRole('radio', { name: 'Phone number: +4930901820' })).toBeVisible();
  await page.getByRole('button', { name: 'Do not merge' }).click();
  await expect(page.getByLabel('More numbers')).toHaveValue('+34612345678');

  // Somebody else changes her meanwhile.
  await page.getByLabel('Tags').fill('old');
  await page.getByLabel('Tags').press('Enter');
  await business.ask('PUT', `/api/desk/contacts/${old.id}`, { name: 'Ana Sol', phone: '+34911230100' });
  await page.getByRole('button', { name: 'Save' }).click();
  const asked = page.getByRole('alert').filter({ hasText: 'Somebody else changed this meanwhile.' });
  await expect(asked).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Ana Sol');
  await asked.getByRole('button', { name: 'Keep mine' }).click();
  await expect(asked).toBeHidden();
  for (const tag of ['gold', 'old']) await expect(page.getByRole('button', { name: `Remove: ${tag}` })).toBeVisible();
});
