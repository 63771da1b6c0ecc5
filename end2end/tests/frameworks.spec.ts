// In single-page apps of React and Vue: a call outlives a change of page, ends
// when its button is taken out, and the button works again when it is back.

import { resolve } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from '../fixtures/test.ts';

const APPS = { React: 'react.jsx', Vue: 'vue.js' };

for (const [name, file] of Object.entries(APPS)) {
  test(`${name}: navigation, removal and return`, async ({ page, panel, stack }) => {
    const built = await build({
      entryPoints: [resolve(import.meta.dirname, '../frameworks', file)],
      bundle: true,
      write: false,
      format: 'esm',
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"development"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
    });
    await page.route('**/app.js', (route) => route.fulfill({ contentType: 'text/javascript', body: built.outputFiles[0].text }));
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    await panel.visitPage('<div id="app"></div><script type="module" src="/app.js"></script><script type="module" src="SERVER/widget.js"></script>');
    await panel.callUntilHeard();
    const first = panel.callId;
    await expect(page.getByText('Call: live')).toBeVisible();
    expect((await stack.emulator.retellCall(first)).retell_llm_dynamic_variables).toEqual({ customer_name: 'Ada' });

    await page.getByRole('link', { name: 'Prices' }).click();
    await expect(page.getByRole('heading', { name: 'What it costs' })).toBeVisible();
    await page.goBack();
    await panel.expectState('live');
    await stack.emulator.say(first, 'agent', 'You can look around while we talk.');
    await panel.expectAgentHeard(await panel.measure());

    await page.getByRole('button', { name: 'Switch' }).click();
    await expect.poll(async () => (await stack.emulator.call(first)).call_status).toBe('ended');
    await expect(panel.launcher).toHaveCount(0);
    await page.getByRole('button', { name: 'Switch' }).click();
    await panel.callUntilHeard();
    expect(panel.callId).not.toBe(first);
    expect(faults).toEqual([]);
  });
}
