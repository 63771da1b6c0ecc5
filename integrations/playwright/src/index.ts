// Tests of a website with a call button, and of the agent behind it, without an
// account at Retell: a local one, and a Switchboard, for each worker.

export { expect } from '@playwright/test';
export { test } from './test.ts';
export type { Microphone, Options, TestOptions } from './test.ts';
export { Agent, Call, Visitor } from './visitor.ts';
export type { Production } from './production.ts';

// What these stand on.
export { KEEP_PEERS, callFrame, measure } from './audio.ts';
export { Business } from './business.ts';
export { CustomerSite, FOREIGN_HOST, SCRIPT, TAG } from './customer-site.ts';
export { API_KEY, Emulator } from './emulator.ts';
export type { CallState, Fault, InboundCall, Leg, SeenRequest } from './emulator.ts';
export { body, freePort, listen, stop } from './local-server.ts';
export { DRIVEN, say, sayAgainAndAgain } from './microphone.ts';
export { Panel } from './panel.ts';
export type { Host, PanelState } from './panel.ts';
export { Program, command, serve, temporaryDirectory } from './program.ts';
export { Receiver } from './receiver.ts';
export type { Notification } from './receiver.ts';
export { Stack, serverSettings } from './stack.ts';
export { voice } from './voices.ts';
export type { Line, Sound, Words } from './voices.ts';
export { loudness } from './wav.ts';
