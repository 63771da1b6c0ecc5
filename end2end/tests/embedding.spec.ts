// Our tag in pages that make it hard: strict headers, old attributes, single-page
// apps, containers, right-to-left, zoom.

import { SCRIPT, TAG } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

test('a page with exactly the documented headers calls, and breaks no rule of its own', async ({ page, panel }) => {
  const broken: string[] = [];
  page.on('console', (message) => {
    if (/Content.Security.Policy|Permissions.Policy|Trusted/i.test(message.text())) broken.push(message.text());
  });
  await panel.visitPage(TAG + SCRIPT, {
    headers: {
      'content-security-policy': "default-src 'none'; script-src SERVER; frame-src SERVER; require-trusted-types-for 'script'; trusted-types 'none'",
      'permissions-policy': 'microphone=(self "SERVER")',
    },
  });
  await panel.callUntilHeard();
  await panel.hangUp();
  expect(broken).toEqual([]);
});

test('a page whose policy keeps the microphone to itself says how to fix it', async ({ panel }) => {
  await panel.visitPage(TAG + SCRIPT, { headers: { 'permissions-policy': 'microphone=()' } });
  await panel.call();
  await panel.expectEnded('microphone-forbidden');
  await expect(panel.alert).toContainText('let the owner of this website know');
  expect(panel.callId).toBe('');
});

test('before intent there is one request, nothing stored and nothing moves', async ({ page, panel, stack }) => {
  const requests: string[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(stack.url)) requests.push(new URL(request.url()).pathname);
  });
  await page.addInitScript(() => {
    (window as unknown as { shift: number }).shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        (window as unknown as { shift: number }).shift += (entry as unknown as { value: number }).value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await panel.visitPage(TAG + SCRIPT);
  await expect(panel.launcher).toBeVisible();
  expect(requests).toEqual(['/widget.js']);
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  expect(kept).toEqual([0, 0, '']);
  expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBe(0);

  await panel.launcher.focus();
  await panel.expectState('idle');
  expect(requests).toContain('/panel');
  expect(requests).not.toContain('/api/public/web-calls');
});

test("Retell's own tag works with our src", async ({ page, panel, stack }) => {
  await panel.visitPage(
    `<script id="retell-widget" type="module" src="SERVER/widget.js" data-voice-public-key="KEY"
      data-voice-agent-id="agent_test_short" data-title="Harbour Books" data-fab-text="Need support?"
      data-theme-color="#071a3e" data-component-color="#3E6AEF" data-auto-open="false"
      data-dynamic='{"customer_name":"Ana"}' data-bot-name="Emma" data-popup-message="Any questions?"
      data-show-ai-popup-time="0"></script>`,
  );
  await expect(panel.launcher).toHaveText('Need support?');
  await expect(panel.launcher).toHaveCSS('background-color', 'rgb(62, 106, 239)');
  await expect(page.locator('switchboard-call').getByRole('button', { name: 'Any questions?' })).toBeVisible();
  await panel.callUntilHeard();
  await expect(panel.inside.getByRole('heading', { level: 1 })).toHaveText('Harbour Books');
  await expect(panel.transcript).toContainText('Emma');
  const minted = await stack.emulator.retellCall(panel.callId);
  expect(minted.retell_llm_dynamic_variables).toEqual({ customer_name: 'Ana' });
});

test('the button and the panel are in the corner the page says', async ({ page, panel }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await panel.visitPage(TAG + SCRIPT);
  const element = page.locator('switchboard-call');
  const frame = page.locator('iframe[src*="/panel"]');
  for (const position of ['bottom-right', 'bottom-left', 'top-right', 'top-left']) {
    await test.step(position, async () => {
      await element.evaluate((it, position) => it.setAttribute('position', position), position);
      await panel.open();
      await expect(frame).toBeInViewport({ ratio: 1 });
      for (const locator of [panel.launcher, frame]) {
        const box = await locator.boundingBox();
        expect((box?.x ?? 0) + (box?.width ?? 0) / 2 > 640).toBe(position.endsWith('right'));
      }
      const box = await panel.launcher.boundingBox();
      expect((box?.y ?? 0) > 400).toBe(position.startsWith('bottom'));

      // Beside an open panel the button is the way out of it.
      await expect(panel.launcher).toHaveAccessibleName('Close');
      await panel.launcher.click();
      await expect(frame).toBeHidden();
      await expect(panel.launcher).toHaveAccessibleName('Call us');
      await expect(panel.launcher).toBeFocused();
    });
  }
});

test('inline in a container: the panel is part of the page and fits it', async ({ page, panel }) => {
  await panel.visitPage(
    `<div id="box" style="width:420px;height:560px;container-type:size"><switchboard-call position="inline" key="KEY"
      style="height:100%"></switchboard-call></div>${SCRIPT}`,
  );
  await panel.expectState('idle');
  expect(await page.locator('iframe[src*="/panel"]').boundingBox()).toEqual(await page.locator('#box').boundingBox());
  await panel.button('Start call').click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
});

test('no launcher: the page has a button of its own', async ({ page, panel }) => {
  await panel.visitPage(
    `<button onclick="document.querySelector('switchboard-call').start()">Talk to us</button>
     ${TAG.replace('key=', 'position="none" key=')}${SCRIPT}`,
  );
  await page.getByRole('button', { name: 'Talk to us' }).click();
  await panel.expectState('live');
  await panel.expectAgentHeard();
  await panel.button('Close').click();
  await expect(page.locator('iframe[src*="/panel"]')).toBeHidden();
});

test('a transformed or contained ancestor does not move it', async ({ page, panel }) => {
  await page.setViewportSize({ width: 1000, height: 700 });
  await panel.visitPage(
    `<div style="transform:translateX(40px);container-type:inline-size;width:300px;height:200px;overflow:hidden;opacity:.99">${TAG}</div>${SCRIPT}`,
  );
  await expect(panel.launcher).toBeInViewport({ ratio: 1 });
  const box = await panel.launcher.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeGreaterThan(960);
  await panel.call();
  await panel.expectState('live');
  await expect(page.locator('iframe[src*="/panel"]')).toBeInViewport({ ratio: 1 });
});

test("the page's own CSS cannot break it", async ({ panel }) => {
  await panel.visitPage(TAG + SCRIPT, {
    head: '<style>*{display:inline!important;position:static!important;font-size:3px!important;color:red!important;visibility:hidden!important}switchboard-call{opacity:0!important}</style>',
  });
  await expect(panel.launcher).toBeVisible();
  await expect(panel.launcher).toHaveCSS('font-size', '16px');
  await expect(panel.launcher).toBeInViewport({ ratio: 1 });
});

test('removed in a call it hangs up; added again it calls again', async ({ page, panel, stack }) => {
  await panel.visitPage(TAG + SCRIPT);
  await panel.callUntilHeard();
  const first = panel.callId;
  // A single-page app goes to another page, and back.
  await page.evaluate(() => {
    const call = document.querySelector('switchboard-call');
    (window as unknown as { kept: unknown }).kept = call;
    call?.remove();
    history.pushState(null, '', '?elsewhere');
  });
  await expect.poll(async () => (await stack.emulator.call(first)).call_status).toBe('ended');
  await page.evaluate(() => {
    history.back();
    document.body.append((window as unknown as { kept: Node }).kept);
  });
  await panel.callUntilHeard();
  expect(panel.callId).not.toBe(first);
});

test('two on one page call different agents, one after the other', async ({ page, panel }) => {
  await panel.visitPage(
    `<switchboard-call id="a" key="KEY" label="One"></switchboard-call>
     <switchboard-call id="b" key="pk_demo" position="bottom-left" label="Two"></switchboard-call>${SCRIPT}`,
  );
  const inside = (id: string) => page.frameLocator(`#${id} iframe`).locator('[data-state]').first();
  await page.getByRole('button', { name: 'One' }).click();
  await expect(inside('a')).toHaveAttribute('data-state', 'live');
  await page.getByRole('button', { name: 'Two' }).hover();
  await expect(inside('b')).toHaveAttribute('data-state', 'idle');
  await page.getByRole('button', { name: 'Two' }).click();
  await page.frameLocator('#b iframe').getByRole('button', { name: 'End it and call here' }).click();
  await expect(inside('b')).toHaveAttribute('data-state', 'live');
  await expect(inside('a')).toHaveAttribute('data-state', 'ended');
});

test('a right-to-left page has it at its own end', async ({ page, panel }) => {
  await page.setViewportSize({ width: 1000, height: 700 });
  await panel.visitPage(TAG + SCRIPT, { html: 'lang="ar" dir="rtl"' });
  const box = await panel.launcher.boundingBox();
  expect((box?.x ?? 1_000) + (box?.width ?? 0)).toBeLessThan(500);
  await panel.call();
  await panel.expectState('live');
  await expect(page.locator('iframe[src*="/panel"]')).toBeInViewport({ ratio: 1 });
});

test('at 200 % everything is on the screen', async ({ page, panel }) => {
  // What 1280 × 800 leaves to a page that is zoomed to 200 %.
  await page.setViewportSize({ width: 640, height: 400 });
  await panel.visitPage(TAG + SCRIPT);
  await expect(panel.launcher).toBeInViewport({ ratio: 1 });
  await panel.callUntilHeard();
  for (const name of ['Mute', 'Hang up', 'Close']) await expect(panel.button(name)).toBeInViewport({ ratio: 1 });
});
