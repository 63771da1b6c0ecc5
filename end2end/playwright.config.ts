import { defineConfig } from '@playwright/test';
import './fixtures/built.ts';

// Engines that draw and compile for several times what Chromium takes: fewer at a time, and
// where the machine is slow, more patience with each.
const heavy = { workers: 2, timeout: 360_000, expect: { timeout: 60_000 } };

export default defineConfig({
  testDir: 'tests',
  tsconfig: './tsconfig.json',
  outputDir: 'test-results',
  // Two cores are enough for three: more than half of a journey is waiting for what people
  // say. Many more would make audio stutter.
  workers: 3,
  fullyParallel: true,
  forbidOnly: true,
  // Calls are held in real time: where a shared machine stalls for a moment, a
  // journey is given one more try there. It is flaky then, which is shown and
  // counted; more than a few of them fail the run.
  retries: process.env.CI ? 1 : 0,
  // A conversation happens in real time, and axe looks at every element. Patience
  // is said here and not at each step: it costs nothing while all is well.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    // Writing one takes as long as many a journey: only where there is a second try.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    locale: 'en-US',
    launchOptions: { executablePath: process.env.SWITCHBOARD_CHROMIUM ?? '/usr/bin/chromium' },
  },
  projects: [
    // What moves costs a tenth of the processor, and is looked at in the first call and in the other engines.
    { name: 'chromium', testIgnore: /tests.engines/, use: { contextOptions: { reducedMotion: 'reduce' } } },
    // WebDriver BiDi: `moz-firefox` is how Playwright names the one people have.
    {
      name: 'firefox',
      testMatch: /engines.firefox[^/]*spec/,
      use: { browserName: 'firefox', channel: 'moz-firefox', trace: 'off' },
      ...heavy,
    },
    // No browser of Playwright's: see `fixtures/engine/webkit.ts`.
    { name: 'webkit', testMatch: /engines.webkit[^/]*spec/, ...heavy },
    // No tests: what the docs show, taken anew.
    { name: 'pictures', testDir: 'pictures' },
  ],
});
