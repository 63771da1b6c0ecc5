// The types of <switchboard-call>. Copy this file into a project, or refer to it:
//   /// <reference types="https://HOST/widget.d.ts" />

/** Where a call stands. */
export type SwitchboardState =
  | 'idle'
  | 'asking-microphone'
  | 'minting'
  | 'connecting'
  | 'live'
  | 'reconnecting'
  | 'ended';

/** Something that was said, typed or texted. The same id again means a longer text. */
export interface SwitchboardUtterance {
  id: string;
  /** From the start of the call, in ms. */
  time_ms: number;
  role: 'agent' | 'user' | 'transfer_target' | 'dtmf' | 'sms';
  content?: string;
  digit?: string;
}

/** The agent calls a function, or has its answer. Neither arguments nor answers are told. */
export interface SwitchboardTool {
  id: string;
  time_ms: number;
  role: 'tool_call_invocation' | 'tool_call_result';
  tool_call_id: string;
  /** With an invocation. */
  name?: string;
  /** With a result, where it is known. */
  successful?: boolean;
}

export interface SwitchboardStateDetail {
  state: SwitchboardState;
  /** Why it ended: `hung-up`, `remote-ended`, `microphone-denied`, `retell-busy` … */
  reason?: string;
  /** Whether it ended because something went wrong. */
  fault: boolean;
  /** What the visitor is told went wrong, in their language. */
  message: string;
  muted: boolean;
  /** How long the talk has lasted. */
  seconds: number;
}

/** The events of the element, by name. They bubble and leave shadow roots. */
export interface SwitchboardEventMap {
  /** The panel was opened. */
  'switchboard:open': CustomEvent<undefined>;
  /** A call was created; it has an id at Retell, and is being joined. */
  /** All lines are busy, and the visitor waits: which place they have (1 is next), and about how long it takes. */
  'switchboard:call-waiting': CustomEvent<{ position: number; waitMs?: number }>;
  'switchboard:call-started': CustomEvent<{ callId: string }>;
  /** Visitor and agent are connected. */
  'switchboard:live': CustomEvent<undefined>;
  /** The visitor asked to be called back: at a time (Unix ms), or at once. */
  'switchboard:callback-requested': CustomEvent<{ at?: number }>;
  'switchboard:transcript': CustomEvent<SwitchboardUtterance>;
  'switchboard:tool': CustomEvent<SwitchboardTool>;
  /** The call is over, or came to nothing. */
  'switchboard:ended': CustomEvent<SwitchboardStateDetail>;
  /** It ended because something went wrong; `:ended` follows. */
  'switchboard:error': CustomEvent<SwitchboardStateDetail>;
  /** Every change of `state`, and whenever the microphone is muted or heard again. */
  'switchboard:state': CustomEvent<SwitchboardStateDetail>;
}

export interface SwitchboardCall extends HTMLElement {
  /** Where the call stands. */
  readonly state: SwitchboardState;
  /** Whether the panel is shown. */
  readonly isOpen: boolean;
  /** Shows the panel, and starts a call at once if asked to (from a click only). */
  open(start?: boolean): void;
  /** Hides the panel. A talk goes on; a call that is still being made ends. */
  close(): void;
  /** Shows the panel and starts a call, unless one is going on. From a click only. */
  start(): void;
  /** Ends the call. */
  end(): void;
  /** Stops (`true`, or nothing) or resumes sending the visitor's voice. */
  mute(muted?: boolean): void;
  /** More variables for the next call's agent, as far as the key allows them: an object, or its
   * JSON. The agent gets texts; what is neither text nor null is written as JSON. */
  setVariables(variables: Record<string, unknown> | string): void;
  /** Stored with the next call. */
  setMetadata(metadata: Record<string, unknown> | string): void;
  /** Speaks another language (BCP 47) from now on, also during a call. */
  setLanguage(language: string): void;

  addEventListener<K extends keyof SwitchboardEventMap>(
    type: K,
    listener: (this: SwitchboardCall, event: SwitchboardEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'switchboard-call': SwitchboardCall;
  }
}
