// What tests start from: `import { expect, test } from 'switchboard-playwright'`.

import { join } from 'node:path';
import { test as base } from '@playwright/test';
import { KEEP_PEERS } from './audio.ts';
import { Business } from './business.ts';
import { FOREIGN_HOST } from './customer-site.ts';
import { DRIVEN } from './microphone.ts';
import { Panel } from './panel.ts';
import { type Production, standIn } from './production.ts';
import { temporaryDirectory } from './program.ts';
import { Receiver } from './receiver.ts';
import { Stack } from './stack.ts';
import { Agent, Call, Visitor } from './visitor.ts';
import { type Sound, record } from './voices.ts';

/** What the page's microphone gives: what the test says; what Chromium's own device
 * plays, again and again; or there is none. */
export type Microphone = 'driven' | Sound[] | 'none';

export interface Options {
  microphone: Microphone;
  /** Whether the browser says yes to the microphone by itself. */
  allowMicrophone: boolean;
  /** More settings of the server. */
  stackEnv: Record<string, string>;
  /** More arguments of `switchboard serve`. */
  stackArgs: string[];
}

export interface TestOptions {
  /** What the pages of the website really name. */
  production: Production | undefined;
}

interface Worker {
  /** A local Retell and a Switchboard. */
  stack: Stack;
  tapes: string;
}

interface Fixtures {
  /** A business of the test's own, with its key, its agents and its desk. */
  business: Business;
  /** The call panel in the page. */
  panel: Panel;
  visitor: Visitor;
  agent: Agent;
  call: Call;
  /** The business's own program, which gets its events. */
  webhooks: Receiver;
  mended: void;
}

export const test = base.extend<Fixtures & TestOptions, Options & Worker>({
  microphone: ['driven', { scope: 'worker', option: true }],
  allowMicrophone: [true, { scope: 'worker', option: true }],
  stackEnv: [{}, { scope: 'worker', option: true }],
  stackArgs: [[], { scope: 'worker', option: true }],
  production: [undefined, { option: true }],

  tapes: [
    async ({}, use) => {
      const directory = await temporaryDirectory();
      await use(directory.path);
      await directory.remove();
    },
    { scope: 'worker' },
  ],

  launchOptions: [
    async ({ launchOptions, microphone, allowMicrophone, tapes }, use) => {
      const args = [
        ...(launchOptions.args ?? []),
        // Every test talks to this machine only.
        '--allow-loopback-in-peer-connection',
        `--host-resolver-rules=MAP ${FOREIGN_HOST} 127.0.0.1`,
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-quic',
      ];
      if (microphone !== 'none') args.push('--use-fake-device-for-media-stream');
      if (typeof microphone !== 'string') {
        const tape = join(tapes, 'microphone.wav');
        await record(tape, microphone);
        args.push(`--use-file-for-fake-audio-capture=${tape}`);
      }
      if (allowMicrophone) args.push('--use-fake-ui-for-media-stream');
      await use({ ...launchOptions, args });
    },
    { scope: 'worker' },
  ],

  stack: [
    async ({ stackEnv, stackArgs }, use) => {
      const stack = await Stack.start(stackEnv, stackArgs);
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  context: async ({ context, microphone }, use) => {
    await context.addInitScript(KEEP_PEERS);
    if (microphone === 'driven') await context.addInitScript(...DRIVEN);
    await use(context);
  },

  business: async ({ stack }, use) => {
    await use(await Business.create(stack));
  },

  panel: async ({ page, business, production }, use) => {
    const done = production && (await standIn(page, production, business));
    await use(new Panel(page, business));
    await done?.();
  },

  agent: async ({ panel }, use) => use(new Agent(panel)),
  visitor: async ({ panel, agent }, use) => use(new Visitor(panel, agent)),
  call: async ({ panel, agent, business }, use) => use(new Call(panel, agent, business)),

  webhooks: async ({ business }, use) => {
    const receiver = await Receiver.start();
    receiver.secret = await business.addEndpoint(receiver.url);
    await use(receiver);
    await receiver.stop();
  },

  // A test leaves no fault behind, and a failed one its programs' last words.
  mended: [
    async ({ stack }, use, testInfo) => {
      const original = await stack.emulator.readSettings();
      await use();
      await stack.emulator.mend(original);
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('server and emulator', { body: stack.lastWords() });
      }
    },
    { auto: true },
  ],
});
