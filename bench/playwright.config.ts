// The benchmarks run on the fixtures of the browser tests, one at a time.
// `cargo xtask bench` starts them on release builds.
export default {
  testDir: '.',
  tsconfig: '../end2end/tsconfig.json',
  testMatch: '*/bench.ts',
  outputDir: './results',
  workers: 1,
  timeout: 600_000,
  reporter: 'list',
  // What people have is measured.
  use: { wholeBrowser: true, launchOptions: { executablePath: process.env.SWITCHBOARD_CHROMIUM } },
};
