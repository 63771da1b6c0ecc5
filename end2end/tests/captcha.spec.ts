// Where a key asks for a captcha it is loaded on the click, and its token goes
// to our server with the call.

import { expect, test } from '../fixtures/test.ts';

for (const [kind, host, script] of [
  ['turnstile', 'challenges.cloudflare.com', 'window.turnstile = { render: (box, how) => how.callback("token of turnstile") };'],
  ['recaptcha_v3', 'www.google.com', 'window.grecaptcha = { ready: (go) => go(), execute: async () => "token of recaptcha_v3" };'],
] as const) {
  test(`${kind}: nothing before the click, a token with the call`, async ({ page, panel, stack }) => {
    const asked: string[] = [];
    await page.route(`https://${host}/**`, (route) => {
      asked.push(route.request().url());
      return route.fulfill({ contentType: 'text/javascript', body: script });
    });
    // As the panel's page is for a key with a captcha.
    await page.route(`${stack.url}/panel*`, async (route) => {
      const response = await route.fetch();
      const captcha = `{"gated":true,"captcha":{"kind":"${kind}","site_key":"site"},`;
      const body = (await response.text()).replace('id="switchboard-config">{', `id="switchboard-config">${captcha}`);
      const headers = response.headers();
      headers['content-security-policy'] = headers['content-security-policy'].replace(
        "script-src 'self'",
        `script-src 'self' https://${host}`,
      );
      await route.fulfill({ response, body, headers });
    });
    await page.goto(stack.site.url({ key: 'pk_test', agent: 'agent_test_short' }));
    await panel.launcher.hover();
    await panel.expectState('idle');
    expect(asked).toEqual([]);
    const minting = page.waitForRequest((it) => it.method() === 'POST' && it.url().endsWith('/api/public/web-calls'));
    await panel.call();
    expect((await minting).postDataJSON()).toMatchObject({ captcha_token: `token of ${kind}` });
    expect(asked).toHaveLength(1);
  });
}
