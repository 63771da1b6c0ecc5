// Programs, started for the tests: found, made ready, stopped, and their last
// words kept for when something goes wrong.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a program may take until it is ready. */
const START_MS = 30_000;
/** How often it is asked whether it is. */
const LOOK_MS = 25;
/** How long it may take to end after it was asked to. */
const STOP_MS = 10_000;

export interface Start<Ready> {
  args: string[];
  /** What it works in, and finds as its home: nothing of the developer's own settings (a
   * `.env`, a database) reaches the tests. */
  dir: string;
  env?: Record<string, string>;
  /** What is known once it is ready, from what it printed or elsewhere; nothing until then. */
  ready(log: string): Promise<Ready | undefined> | Ready | undefined;
}

export class Program<Ready> {
  ready!: Ready;
  private log = '';
  private readonly ended: Promise<void>;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    const keep = (chunk: Buffer) => {
      this.log = (this.log + chunk.toString()).slice(-100_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.ended = new Promise((done) => {
      child.once('exit', () => done());
      child.once('error', (error) => {
        this.log += String(error);
        done();
      });
    });
  }

  /** Starts a program and waits until it is ready. */
  static async start<Ready>(file: string, { args, dir, env, ready }: Start<Ready>): Promise<Program<Ready>> {
    const child = spawn(file, args, { cwd: dir, env: environment(dir, env), stdio: ['ignore', 'pipe', 'pipe'] });
    const program = new Program<Ready>(file, child);
    for (const deadline = Date.now() + START_MS; Date.now() < deadline && program.running; await delay(LOOK_MS)) {
      const known = await ready(program.log);
      if (known === undefined) continue;
      program.ready = known;
      return program;
    }
    await program.stop();
    throw new Error(`${file} does not start; it said:\n${program.lastWords(40)}`);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.pid !== undefined;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.child.kill('SIGTERM');
    await Promise.race([this.ended, delay(STOP_MS, undefined, { ref: false })]);
    if (this.running) this.child.kill('SIGKILL');
    await this.ended;
  }

  lastWords(lines: number): string {
    return `${this.name}:\n${this.log.trimEnd().split('\n').slice(-lines).join('\n')}`;
  }
}

/** The addresses a program of ours writes into its ready file. */
export type Addresses = Record<string, string>;

/** Starts a program of ours, and waits until it serves. */
export async function serve(
  name: string,
  args: string[],
  { dir, env }: { dir: string; env?: Record<string, string> },
): Promise<Program<Addresses>> {
  const file = join(dir, `${name}.ready.json`);
  await rm(file, { force: true });
  const ready = async () => {
    const text = await readFile(file, 'utf8').catch(() => '');
    try {
      return JSON.parse(text) as Addresses;
    } catch {
      // Not written, or not to its end.
      return undefined;
    }
  };
  return Program.start(own(name), { args: [...args, '--ready-file', file], dir, env, ready });
}

/** Runs a command of ours to its end and gives what it printed. */
export async function command(name: string, args: string[]): Promise<string> {
  const child = spawn(own(name), args, { cwd: tmpdir(), env: environment(tmpdir()), stdio: ['ignore', 'pipe', 'pipe'] });
  let [printed, said] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((done, fail) => {
    child.once('exit', done);
    child.once('error', fail);
  });
  if (code !== 0) throw new Error(`${name} ${args.join(' ')}: ${said}`);
  return printed;
}

/** A program of ours: in `SWITCHBOARD_BIN_DIR`, or on the `PATH`. */
function own(name: string): string {
  const directory = process.env.SWITCHBOARD_BIN_DIR;
  return directory === undefined ? name : resolve(directory, name);
}

function environment(home: string, more: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: home, ...more };
}

export async function temporaryDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'switchboard-tests-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
