// Where a key asks for a captcha it is loaded on the click, and its token goes
// to our server with the call, or with the request for a call-back; and from there
// to the provider, whose word it is.

import { expectAccessible } from '../fixtures/axe.ts';
import { CaptchaProvider, TOKEN } from '../fixtures/captcha-provider.ts';
import { expect, test as base } from '../fixtures/test.ts';

const test = base.extend<object, { provider: CaptchaProvider }>({
  provider: [
    async ({}, use) => {
      const provider = await CaptchaProvider.start();
      await use(provider);
      await provider.stop();
    },
    { scope: 'worker' },
  ],
  stackEnv: [async ({ provider }, use) => use(provider.settings), { scope: 'worker' }],
});

const SECRET = 'only our server knows it';
const captcha = (kind: string) => ({ kind, site_key: 'site', secret: SECRET });

for (const [kind, script] of [
  ['turnstile', 'https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit'],
  ['recaptcha_v3', 'https://www.google.com/recaptcha/api.js?render=site'],
] as const) {
  test(`${kind}: nothing before the click, a token with the call`, async ({ page, panel, business, provider }) => {
    const key = await business.makeKey({ captcha: captcha(kind) });
    const fetched = await provider.serveScripts(page);
    await panel.visit({ key });
    await panel.warm();
    expect(fetched).toEqual([]);
    const minting = page.waitForRequest((it) => it.method() === 'POST' && it.url().endsWith('/api/public/web-calls'));
    await panel.call();
    if (kind === 'turnstile') await panel.button('I am a person').click();
    expect((await minting).postDataJSON()).toMatchObject({ captcha_token: TOKEN });
    expect(fetched).toEqual([script]);
    await panel.expectState('live');
    expect(provider.asked.at(-1)).toEqual({ secret: SECRET, response: TOKEN, remoteip: '127.0.0.1' });
  });
}

test('a call-back is asked for by who solved the captcha, and by nobody else', async ({ page, panel, desk, business, stack, provider }) => {
  // It is looked at in light and in dark.
  const key = await business.makeKey({ modes: ['callback'], countries: ['ES'], captcha: captcha('turnstile') });
  const fetched = await provider.serveScripts(page);
  const asked = provider.asked.length;
  const sent: (string | undefined)[] = [];
  /** What happens to the captcha's token on its way to the server. */
  let meddle = (token?: string) => token;
  await page.route(`${stack.url}/api/public/callbacks`, (route) => {
    const body = route.request().postDataJSON() as { captcha_token?: string };
    sent.push(body.captcha_token);
    return route.continue({ postData: JSON.stringify({ ...body, captcha_token: meddle(body.captcha_token) }) });
  });
  await desk.page.goto(`${stack.url}/desk/callbacks`);
  await panel.visit({ key });
  await panel.call();
  await panel.inside.getByLabel('Name').fill('Pilar Person');
  await panel.inside.getByLabel('Phone number').fill('612 00 00 21');
  await panel.inside.getByRole('checkbox').check();
  expect(fetched, 'nothing of the captcha before the form is sent').toEqual([]);

  const send = panel.button('Call me back');
  const person = panel.button('I am a person');
  const refused = panel.inside.getByText('We could not check that you are a person');
  const request = desk.page.getByRole('row').filter({ hasText: 'Pilar Person' });

  // Taken for a program: nothing is sent, and what was typed stays.
  await send.click();
  await panel.button('I am not').click();
  await expect(refused).toBeVisible();
  await expect(panel.inside.getByLabel('Name')).toHaveValue('Pilar Person');
  await expect(person).toBeHidden();
  expect(sent).toEqual([]);
  await expectAccessible(page);

  // Without a token our server refuses by itself; another token, the provider.
  meddle = () => undefined;
  await send.click();
  await person.click();
  await expect(refused).toBeVisible();
  expect(sent).toEqual([TOKEN]);
  expect(provider.asked).toHaveLength(asked);
  meddle = () => 'token of a program';
  await send.click();
  await expect(refused).toBeHidden();
  await person.click();
  await expect(refused).toBeVisible();
  expect(provider.asked.at(-1)).toMatchObject({ secret: SECRET, response: 'token of a program' });
  await desk.page.reload();
  await expect(desk.page.getByRole('heading', { level: 1 })).toHaveText('Call-backs');
  await expect(request).toHaveCount(0);

  meddle = (token) => token;
  await send.click();
  await person.click();
  await expect(panel.inside.getByRole('heading', { name: 'Thank you, Pilar Person' })).toBeFocused();
  expect(provider.asked.at(-1)).toEqual({ secret: SECRET, response: TOKEN, remoteip: '127.0.0.1' });
  expect(fetched, 'the script is fetched once').toHaveLength(1);
  await expect(desk.callback('Pilar Person', 'placed')).toBeVisible();
});
