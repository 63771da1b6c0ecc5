// Recordings: WAV files of 16-bit samples.

/** Samples per second of what the tests record; mono. */
export const RATE = 16_000;

/** A recording of these samples. */
export function encode(samples: Buffer): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

/** The samples of a recording, one of each channel in turn. */
export function decode(wav: Buffer): { channels: number; samples: Buffer } {
  if (wav.toString('latin1', 0, 4) !== 'RIFF') throw new Error('this is no WAV file');
  let channels = 1;
  // Chunks: an id of four letters, a length, the bytes, padded to even.
  for (let at = 12; at + 8 <= wav.length; ) {
    const id = wav.toString('latin1', at, at + 4);
    const length = Math.min(wav.readUInt32LE(at + 4), wav.length - at - 8);
    if (id === 'fmt ') channels = wav.readUInt16LE(at + 10);
    if (id === 'data') return { channels, samples: wav.subarray(at + 8, at + 8 + length) };
    at += 8 + length + (length % 2);
  }
  throw new Error('the WAV file has no sound');
}

/** The loudness (root mean square, 0 to 1) of each channel of a recording. */
export function loudness(wav: Buffer): number[] {
  const { channels, samples } = decode(wav);
  const squares = new Array<number>(channels).fill(0);
  const frames = Math.floor(samples.length / 2 / channels);
  for (let n = 0; n < frames * channels; n++) {
    squares[n % channels] += (samples.readInt16LE(n * 2) / 32768) ** 2;
  }
  return squares.map((sum) => Math.sqrt(sum / Math.max(frames, 1)));
}
