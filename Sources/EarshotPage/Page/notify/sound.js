let context = null;

/** Two soft tones. A browser lets a page sound only after one has touched it; before that it is silent. */
export function chime() {
  try {
    context ??= new AudioContext();
    if (context.state !== 'running') { context.resume().catch(() => {}); return; }
    tone(context, 660, 0);
    tone(context, 880, 0.11);
  } catch {
    // No sound device.
  }
}

function tone(audio, pitch, after) {
  const begin = audio.currentTime + after;
  const wave = audio.createOscillator();
  const gain = audio.createGain();
  wave.frequency.value = pitch;
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(0.08, begin + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, begin + 0.35);
  wave.connect(gain).connect(audio.destination);
  wave.start(begin);
  wave.stop(begin + 0.4);
}
