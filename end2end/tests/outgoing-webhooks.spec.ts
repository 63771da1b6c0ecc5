// An admin has a business's events sent to a program of its own.

import { Receiver } from 'switchboard-playwright';
import { expectAccessible } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';

test('an endpoint is added, a call ends, and its event arrives signed, is logged and sent again', async ({ panel, desk, stack }) => {
  const receiver = await Receiver.start();
  const settings = desk.page;
  await settings.goto(`${stack.url}/desk/settings/outgoing-webhooks`);
  await expect(settings.getByText('There are no endpoints yet')).toBeVisible();

  await settings.getByRole('button', { name: 'Add endpoint' }).click();
  await settings.getByLabel('Address', { exact: true }).fill('https://169.254.169.254/latest/meta-data');
  await settings.getByLabel('Name', { exact: true }).fill('Our CRM');
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings.getByLabel('Address', { exact: true })).toHaveAccessibleDescription(/private network/);
  await expectAccessible(settings);

  await settings.getByLabel('Address', { exact: true }).fill(receiver.url);
  await settings.getByRole('button', { name: 'Save' }).click();
  const secret = settings.getByLabel('Signing secret').and(settings.locator('input'));
  await expect(secret).toHaveValue(/^whsec_/);
  receiver.secret = await secret.inputValue();
  await settings.getByRole('button', { name: 'I have copied it' }).click();
  await expect(secret).toHaveCount(0);

  const endpoint = settings.getByRole('article', { name: 'Our CRM' });
  await endpoint.getByRole('button', { name: 'Send test event' }).click();
  await expect.poll(() => receiver.of('test.ping').length).toBe(1);

  await panel.visit();
  await panel.callUntilHeard();
  await panel.hangUp();
  // The call of another journey may end meanwhile.
  const endings = () => receiver.of('call.ended').filter(({ body }) => body.call_id === panel.callId);
  await expect.poll(() => endings().length).toBe(1);
  const [ended] = endings();
  expect(ended.verified).toBe(true);
  expect(ended.id).toBe(ended.body.id);
  expect(ended.body.desk_url).toBe(`${stack.url}/desk/calls/${panel.callId}`);

  await endpoint.getByRole('button', { name: 'Refresh' }).click();
  const row = endpoint.getByRole('row').filter({ hasText: 'call.ended' }).first();
  await expect(row).toContainText('Delivered');
  await row.getByRole('button', { name: 'Details' }).click();
  await expect(endpoint.getByText('204').last()).toBeVisible();
  await expect(endpoint.locator('pre').last()).toContainText(panel.callId);
  await expectAccessible(settings);

  await endpoint.getByRole('button', { name: 'Send again' }).click();
  await expect.poll(() => endings().length).toBe(2);
  const again = endings()[1];
  expect(again.verified).toBe(true);
  expect(again.id, 'the same event').toBe(ended.id);

  // Gone is gone, and the desk says so.
  receiver.status = 410;
  await endpoint.getByRole('button', { name: 'Send test event' }).click();
  await expect.poll(() => receiver.of('test.ping').length).toBe(2);
  await expect(async () => {
    await settings.reload();
    await expect(endpoint.getByText('no longer exists (410)')).toBeVisible({ timeout: 5000 });
  }).toPass();
  await endpoint.getByRole('button', { name: 'Switch on' }).click();
  await expect(endpoint.getByRole('button', { name: 'Switch off' })).toBeVisible();
  await settings.getByRole('button', { name: 'Undo' }).click();
  await expect(settings.getByText('Undone.')).toBeVisible();
  await settings.reload();
  await expect(endpoint.getByRole('button', { name: 'Switch on' })).toBeVisible();

  await settings.goto(`${stack.url}/desk/settings/jobs`);
  await expect(settings.getByText('Nothing is waiting')).toBeVisible();
  await receiver.stop();
});
