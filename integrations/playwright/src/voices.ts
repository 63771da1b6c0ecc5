// What visitors say: recorded lines of `voices/`, and any other words hummed at
// the pace of speech. The local Retell hears a voice, and understands nobody.

import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RATE, decode, encode } from './wav.ts';

const LINES = ['hello', 'excuse-me', 'goodbye', 'hola', 'guten-tag'] as const;

/** A recorded line. */
export type Line = (typeof LINES)[number];

/** A recorded line, or any other words. */
export type Words = Line | (string & {});

/** Seconds of silence, or words. */
export type Sound = number | Words;

/** A recording of the words. */
export async function voice(words: Words): Promise<Buffer> {
  if (!(LINES as readonly string[]).includes(words)) return encode(hum(words));
  return readFile(join(resolve(import.meta.dirname, '../voices'), `${words}.wav`));
}

/** Writes a recording of the sounds, one after the other, with which Chromium's own
 * microphone can be told to play them. */
export async function record(path: string, sounds: Sound[]): Promise<void> {
  const parts = await Promise.all(
    sounds.map(async (sound) =>
      typeof sound === 'number' ? silence(sound) : decode(await voice(sound)).samples,
    ),
  );
  await writeFile(path, encode(Buffer.concat(parts)));
}

function silence(seconds: number): Buffer {
  return Buffer.alloc(Math.round(seconds * RATE) * 2);
}

/** Letters a second. */
const PACE = 14;
/** The pitches (Hz) words are hummed at in turn. */
const PITCHES = [196, 220, 247, 208, 185];

/** A note for each word, with a breath after it, as the local Retell hums where there is no
 * voice: what tells voices from noise takes it for one. */
function hum(words: string): Buffer {
  return Buffer.concat(
    words
      .split(/\s+/)
      .filter((word) => word !== '')
      .flatMap((word, at) => [note(PITCHES[at % PITCHES.length], word.length / PACE), silence(1 / PACE)]),
  );
}

function note(pitch: number, seconds: number): Buffer {
  const samples = Buffer.alloc(Math.round(seconds * RATE) * 2);
  const [count, edge] = [samples.length / 2, 0.015 * RATE];
  for (let n = 0; n < count; n++) {
    const phase = (2 * Math.PI * pitch * n) / RATE;
    // No click at either end.
    const swell = Math.min(n / edge, (count - n) / edge, 1);
    const wave = Math.sin(phase) + 0.4 * Math.sin(2 * phase) + 0.2 * Math.sin(3 * phase);
    samples.writeInt16LE(Math.round(5_000 * swell * wave), n * 2);
  }
  return samples;
}
