#!/bin/sh
# Speaks the visitors' lines anew. Needs espeak-ng and sox; the results are
# committed, so that running the tests needs neither.
set -eu
cd "$(dirname "$0")"

speak() { # name, voice, text
  espeak-ng -v "$2" -s 165 -w "$1.raw.wav" "$3"
  # What a browser's fake microphone takes: 16 kHz, mono, 16 bit. Without the
  # silence at both ends: the tests add their own.
  sox "$1.raw.wav" -r 16000 -c 1 -b 16 "$1.wav" \
    silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse norm -3
  rm "$1.raw.wav"
}

speak hello en-us "Hello, can you hear me?"
speak excuse-me en-us "Excuse me, may I ask something?"
speak goodbye en-us "That is fine, goodbye."
speak hola es "Hola, quisiera pedir cita."
speak guten-tag de "Guten Tag, ich möchte einen Termin."
