// When things happen in a call, in whatever frame they happen.

import { type Page, expect } from '../end2end/fixtures/test.ts';

/** In every frame: notes when the visitor clicks, when a peer connection is
 * connected and when the first sound arrives on it, on the clock all frames share. */
export const PROBE = () => {
  const now = () => performance.timeOrigin + performance.now();
  const times: Record<string, number> = {};
  (window as unknown as { times: typeof times }).times = times;
  addEventListener(
    'click',
    (event) => {
      times.click ??= performance.timeOrigin + event.timeStamp;
    },
    { capture: true },
  );
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = new Proxy(Native, {
    construct(target, args) {
      const peer = new target(...(args as [RTCConfiguration?]));
      peer.addEventListener('connectionstatechange', () => {
        if (peer.connectionState !== 'connected' || times.connected !== undefined) return;
        times.connected = now();
        const listen = async () => {
          for (const report of (await peer.getStats()).values()) {
            if (report.type === 'inbound-rtp' && report.totalAudioEnergy > 1e-6) times.heard ??= now();
          }
          if (times.heard === undefined) setTimeout(listen, 5);
        };
        void listen();
      });
      return peer;
    },
  });
};

/** In ms from the click. */
export interface Times {
  connected: number;
  heard: number;
}

export async function read(page: Page): Promise<Times> {
  const all = async () => {
    const found: Record<string, number> = {};
    for (const frame of page.frames()) {
      Object.assign(found, await frame.evaluate(() => (window as unknown as { times?: object }).times ?? {}).catch(() => ({})));
    }
    return found;
  };
  await expect.poll(async () => Object.keys(await all()).sort(), { timeout: 30_000 }).toEqual(['click', 'connected', 'heard']);
  const { click, connected, heard } = await all();
  return { connected: connected - click, heard: heard - click };
}
