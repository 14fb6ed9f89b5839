import { boot } from './boot.js';

// The chime and the voice of the hall. Both may be missing or forbidden until
// somebody touches the screen; a call is then shown without them.

const Context = window.AudioContext || /** @type {any} */ (window).webkitAudioContext;
/** @type {AudioContext|null} */
let context = null;
try {
  context = Context ? new Context() : null;
} catch (_) {
  context = null;
}

/** @returns {boolean} whether a touch or a key is needed before anything is heard */
export const blocked = () => context !== null && context.state === 'suspended';

/** To be called from a key or a touch. */
export function unlock() {
  if (context) context.resume();
}

/** @param {number} seconds @returns {Promise<void>} */
export const pause = (seconds) => new Promise((done) => window.setTimeout(done, seconds * 1000));

/** Two notes, a falling third, soft at both ends. @returns {Promise<void>} */
export function chime() {
  if (!context || context.state !== 'running') return Promise.resolve();
  const start = context.currentTime + 0.02;
  [783.99, 622.25].forEach((pitch, i) => {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const at = start + i * 0.45;
    tone.type = 'sine';
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.5, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.9);
    tone.connect(loudness);
    loudness.connect(context.destination);
    tone.start(at);
    tone.stop(at + 1);
  });
  return pause(1.3);
}

/** Kept while it is spoken: some engines forget an utterance that nobody holds. */
let speaking = null;

function voice() {
  const all = window.speechSynthesis.getVoices();
  return all.filter((v) => v.lang.toLowerCase().indexOf(boot.lang) === 0)[0] || null;
}

/**
 * Speaks, and ends when it was spoken, could not be, or took too long: an
 * engine that hangs must not silence the hall.
 * @param {string} text @returns {Promise<void>}
 */
export function speak(text) {
  const engine = window.speechSynthesis;
  if (!engine || !window.SpeechSynthesisUtterance || blocked()) return Promise.resolve();
  const chosen = voice();
  // Another language's voice would make nonsense of the numbers.
  if (!chosen && engine.getVoices().length > 0) return Promise.resolve();
  return new Promise((done) => {
    engine.cancel();
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = boot.lang === 'id' ? 'id-ID' : 'en-GB';
    if (chosen) utterance.voice = chosen;
    utterance.rate = 0.9;
    const end = () => {
      window.clearTimeout(limit);
      speaking = null;
      done();
    };
    const limit = window.setTimeout(() => {
      engine.cancel();
      end();
    }, 4000 + text.length * 120);
    utterance.onend = end;
    utterance.onerror = end;
    speaking = utterance;
    engine.speak(utterance);
  });
}

/** Stops what is being spoken. */
export function hush() {
  if (speaking && window.speechSynthesis) window.speechSynthesis.cancel();
}
