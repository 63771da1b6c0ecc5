// What a system does to a microphone and to a speaker in the middle of a call.

import type { Frame } from '@playwright/test';
import { callFrame } from 'switchboard-playwright';
import { expect, test } from '../fixtures/test.ts';

interface Devices {
  /** Every microphone's track that was opened. */
  tracks: MediaStreamTrack[];
  players: HTMLAudioElement[];
  unplugged: boolean;
}
type Watched = Window & { devices: Devices; peers: RTCPeerConnection[] };

const watch = () => {
  const devices: Devices = { tracks: [], players: [], unplugged: false };
  (window as unknown as Watched).devices = devices;
  if (navigator.mediaDevices === undefined) return;
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (what) => {
    if (devices.unplugged) throw new DOMException('Requested device not found', 'NotFoundError');
    const stream = await open(what);
    devices.tracks.push(...stream.getAudioTracks());
    return stream;
  };
  window.Audio = new Proxy(window.Audio, {
    construct(target, args) {
      const player = new target(...(args as [string?]));
      devices.players.push(player);
      return player;
    },
  });
};

/** The last microphone opened is the one that is sent, and it is on. */
const sendsTheLast = (frame: Frame) =>
  frame.evaluate(() => {
    const { devices, peers } = window as unknown as Watched;
    const sent = peers.at(-1)?.getSenders().find((it) => it.track?.kind === 'audio')?.track;
    return { opened: devices.tracks.length, same: sent === devices.tracks.at(-1), state: sent?.readyState, heard: sent?.enabled };
  });

test.beforeEach(async ({ context }) => context.addInitScript(watch));

test('a microphone that is unplugged and plugged in again is heard again', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const frame = callFrame(page);
  const notice = panel.inside.locator('#sbw-notice');
  await frame.evaluate(() => {
    const { devices } = window as unknown as Watched;
    devices.unplugged = true;
    devices.tracks.at(-1)?.stop();
    devices.tracks.at(-1)?.dispatchEvent(new Event('ended'));
  });
  await expect(notice).toHaveText('Your microphone was disconnected. Please plug one in or choose another.');
  await panel.expectState('live');
  await frame.evaluate(() => {
    (window as unknown as Watched).devices.unplugged = false;
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  });
  await expect(notice).not.toContainText('disconnected');
  await expect.poll(() => sendsTheLast(frame)).toEqual({ opened: 2, same: true, state: 'live', heard: true });
});

test('a muted microphone that is opened anew stays muted', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  await panel.button('Mute').click();
  const frame = callFrame(page);
  await frame.evaluate(() => (window as unknown as Watched).devices.tracks.at(-1)?.dispatchEvent(new Event('ended')));
  await expect.poll(() => sendsTheLast(frame)).toEqual({ opened: 2, same: true, state: 'live', heard: false });
  await panel.button('Unmute').click();
  await expect.poll(() => sendsTheLast(frame)).toMatchObject({ heard: true });
});

test('a headset that comes in a call is offered, and used if the visitor wants', async ({ context, page, panel }) => {
  await context.addInitScript(() => {
    const list = navigator.mediaDevices?.enumerateDevices.bind(navigator.mediaDevices);
    const open = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
    if (list === undefined || open === undefined) return;
    const state = { plugged: false, asked: [] as unknown[] };
    Object.assign(window, { headset: state });
    const device = (kind: string) => ({ kind, deviceId: `airpods-${kind}`, groupId: 'airpods', label: 'AirPods' }) as MediaDeviceInfo;
    navigator.mediaDevices.enumerateDevices = async () => [...(await list()), ...(state.plugged ? [device('audioinput'), device('audiooutput')] : [])];
    navigator.mediaDevices.getUserMedia = async (what) => {
      const wanted = (what?.audio as { deviceId?: { exact?: string } } | undefined)?.deviceId?.exact;
      state.asked.push(wanted);
      return open(wanted?.startsWith('airpods') ? { audio: true } : what);
    };
  });
  type Headset = Window & { headset: { plugged: boolean; asked: unknown[] } };
  await panel.visit();
  await panel.callUntilHeard();
  await expect(panel.inside.getByRole('textbox', { name: 'Type a message' })).toBeVisible();
  const frame = callFrame(page);
  const plug = async (plugged: boolean) => {
    await frame.evaluate((plugged) => {
      (window as unknown as Headset).headset.plugged = plugged;
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    }, plugged);
    // One that goes and comes before the panel has looked has not been away.
    await expect(panel.inside.locator('#sbw-microphone option', { hasText: 'AirPods' })).toHaveCount(plugged ? 1 : 0);
  };
  const offer = panel.inside.getByRole('status').filter({ hasText: 'AirPods is connected. Use it for this call?' });
  await plug(true);
  await expect(offer).toBeVisible();
  // It goes with the device.
  await plug(false);
  await expect(offer).toHaveCount(0);
  await plug(true);
  await panel.button('Not now').click();
  await expect(offer).toHaveCount(0);
  await expect(panel.root).toBeFocused();
  await plug(false);
  await plug(true);
  await panel.button('Use it').click();
  await expect.poll(() => frame.evaluate(() => (window as unknown as Headset).headset.asked.at(-1))).toBe('airpods-audioinput');
  await expect(offer).toHaveCount(0);
  await expect.poll(() => sendsTheLast(frame)).toMatchObject({ same: true, state: 'live' });
});

test('a microphone the system silences is said to be silent, and opened anew afterwards', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const frame = callFrame(page);
  const notice = panel.inside.locator('#sbw-notice');
  const tell = (event: 'mute' | 'unmute') =>
    frame.evaluate((event) => (window as unknown as Watched).devices.tracks.at(-1)?.dispatchEvent(new Event(event)), event);
  await tell('mute');
  await expect(notice).toContainText('Your microphone is silent');
  await tell('unmute');
  await expect(notice).toBeEmpty();
  await expect.poll(() => sendsTheLast(frame)).toEqual({ opened: 2, same: true, state: 'live', heard: true });
});

test('a microphone that was silenced is opened anew when the page is seen again', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const frame = callFrame(page);
  await frame.evaluate(() => (window as unknown as Watched).devices.tracks.at(-1)?.dispatchEvent(new Event('mute')));
  await expect(panel.inside.locator('#sbw-notice')).toContainText('Your microphone is silent');
  await frame.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect.poll(() => sendsTheLast(frame)).toEqual({ opened: 2, same: true, state: 'live', heard: true });
});

test('sound follows the microphone that the system makes its default', async ({ context, page, panel }) => {
  await context.addInitScript(() => {
    if (navigator.mediaDevices === undefined) return;
    const device = (kind: string, deviceId: string, label: string) => ({ kind, deviceId, groupId: label, label }) as MediaDeviceInfo;
    const own = { label: 'Headset' };
    Object.assign(window, { system: own });
    navigator.mediaDevices.enumerateDevices = async () =>
      ['audioinput', 'audiooutput'].flatMap((kind) => [device(kind, 'default', `Default - ${own.label}`), device(kind, own.label, own.label)]);
    MediaStreamTrack.prototype.getSettings = () => ({ deviceId: 'default' });
  });
  await panel.visit();
  await panel.callUntilHeard();
  const frame = callFrame(page);
  await panel.button('Audio').click();
  const shown = panel.inside.locator('#sbw-microphone option', { hasText: 'Default - ' });
  await expect(shown).toHaveText('Default - Headset');
  await frame.evaluate(() => {
    Object.assign((window as unknown as { system: object }).system, { label: 'Built-in' });
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  });
  await expect(shown).toHaveText('Default - Built-in');
  await expect.poll(() => sendsTheLast(frame)).toMatchObject({ opened: 2, same: true, state: 'live' });
});

test('the agent plays on when something pauses it', async ({ page, panel }) => {
  await panel.visit();
  await panel.callUntilHeard();
  const frame = callFrame(page);
  const paused = () => frame.evaluate(() => (window as unknown as Watched).devices.players.at(0)?.paused);
  expect(await paused()).toBe(false);
  await frame.evaluate(() => {
    const player = (window as unknown as Watched).devices.players.at(0);
    return new Promise((done) => {
      player?.addEventListener('pause', done, { once: true });
      player?.pause();
    });
  });
  await expect.poll(paused).toBe(false);
  await expect(panel.button('Tap to hear')).toBeHidden();
});

/** Eight seconds pass in one. */
const HURRY = () => {
  const now = performance.now.bind(performance);
  performance.now = () => now() * 8;
};

test('where nothing can be measured nobody is said to be silent, or to be listened to', async ({ context, page, panel }) => {
  await context.addInitScript(HURRY);
  // As without a sound card: Web Audio waits for ever.
  await context.addInitScript(() => {
    Object.assign(window, { looks: 0 });
    window.AudioContext = class extends AudioContext {
      constructor(options?: AudioContextOptions) {
        super(options);
        void this.suspend();
      }
      override get state() {
        (window as unknown as { looks: number }).looks++;
        return super.state;
      }
      override resume() {
        return new Promise<void>(() => undefined);
      }
    };
  });
  await panel.visit({ agent: 'agent_test_silent' });
  await panel.call();
  await panel.expectState('live');
  await expect(panel.inside.locator('#sbw-clock')).toHaveText(/0:[1-5]\d/);
  await expect(panel.inside.locator('#sbw-mood')).toBeEmpty();
  await expect(panel.inside.locator('#sbw-notice')).toBeEmpty();
  // Nor is it measured as often as while a first word is waited for.
  const looks = await callFrame(page).evaluate(async () => {
    const own = window as unknown as { looks: number };
    own.looks = 0;
    for (const start = document.timeline.currentTime as number; (document.timeline.currentTime as number) - start < 1_000; ) {
      await new Promise((done) => requestAnimationFrame(done));
    }
    return own.looks;
  });
  expect(looks).toBeLessThan(20);
});

test('a visitor of whom nothing is heard is told, until they are', async ({ context, panel }) => {
  await context.addInitScript(HURRY);
  await panel.visit({ agent: 'agent_test_silent' });
  await panel.call();
  await panel.expectState('live');
  const notice = panel.inside.locator('#sbw-notice');
  await expect(notice).toContainText('We cannot hear you');
  await panel.speak('hello');
  await expect(notice).toBeEmpty();
});
