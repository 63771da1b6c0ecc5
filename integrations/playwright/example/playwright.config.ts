import { defineConfig } from '@playwright/test';
import type { Options, TestOptions } from 'switchboard-playwright';

const url = `http://localhost:${(process.env.PORT ??= '4173')}`;

export default defineConfig<TestOptions, Options>({
  testDir: 'tests',
  // Calls are held in real time.
  timeout: 60_000,
  expect: { timeout: 20_000 },
  use: {
    baseURL: url,
    // What the website's own pages name.
    production: { server: 'https://calls.harbour-books.example', key: 'pk_live_harbour' },
    // Without one, Playwright's own Chromium (`npx playwright install chromium`).
    launchOptions: { executablePath: process.env.SWITCHBOARD_CHROMIUM },
  },
  webServer: { command: 'npm start', url },
});
