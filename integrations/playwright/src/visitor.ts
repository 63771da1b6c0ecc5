// A call as a story: what the visitor does, what the agent says, how it ends.

import { expect } from '@playwright/test';
import type { Business } from './business.ts';
import type { Panel } from './panel.ts';
import type { Words } from './voices.ts';

/** Who comes to a website with the call button. */
export class Visitor {
  constructor(
    private readonly panel: Panel,
    private readonly agent: Agent,
  ) {}

  /** Comes to a page; to one of the tests' own when none is named. */
  async visit(url?: string): Promise<void> {
    if (url === undefined) await this.panel.visit();
    else await this.panel.page.goto(url);
  }

  /** Clicks the button, and is connected. Who is on no page yet comes to the tests' own. */
  async call(): Promise<void> {
    if (this.panel.page.url() === 'about:blank') await this.visit();
    await this.panel.call();
    await this.panel.expectState('live');
  }

  /** Speaks into the microphone, to the end, and is heard at Retell. */
  async say(words: Words): Promise<void> {
    await this.agent.beAsked();
    await this.panel.speakAndBeSent(words);
  }

  async hangUp(): Promise<void> {
    await this.panel.hangUp();
  }
}

/** Whom the visitor talks to. */
export class Agent {
  private heard: Awaited<ReturnType<Panel['measure']>>;

  constructor(private readonly panel: Panel) {}

  /** Waits until these words are read in the panel, and the agent was heard since it was last asked. */
  async says(words: string | RegExp): Promise<void> {
    await expect(this.panel.transcript).toContainText(words);
    await this.panel.expectAgentHeard(this.heard);
  }

  /** What was heard until now is no answer to what comes. */
  async beAsked(): Promise<void> {
    this.heard = await this.panel.measure();
  }
}

/** The visitor's latest call. */
export class Call {
  constructor(
    private readonly panel: Panel,
    private readonly agent: Agent,
    private readonly business: Business,
  ) {}

  /** Retell's id of it. */
  get id(): string {
    return this.panel.callId;
  }

  /** Has the agent say something that is in no script. */
  async interject(words: string): Promise<void> {
    await this.agent.beAsked();
    await this.business.emulator.say(this.id, 'agent', words);
  }

  /** The network goes away, and comes back with what this gives. */
  async cut(): Promise<() => Promise<void>> {
    await this.business.emulator.drop(this.id, true);
    await this.panel.expectState('reconnecting');
    return async () => {
      await this.business.emulator.drop(this.id, false);
      await this.panel.expectState('live');
    };
  }

  /** Waits until it is over, for the visitor and at Retell, for one of Retell's reasons if one
   * is named; gives it as Retell tells it. */
  async ended(reason?: string): Promise<Record<string, unknown>> {
    await this.panel.expectEnded();
    const state = () => this.business.emulator.call(this.id);
    await expect.poll(async () => (await state()).call_status, { message: 'Retell knows that the call is over' }).toBe('ended');
    if (reason !== undefined) expect((await state()).disconnection_reason).toBe(reason);
    return this.business.emulator.retellCall(this.id);
  }
}
