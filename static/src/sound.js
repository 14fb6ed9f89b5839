import { boot } from './boot.js';

// The chime and the synthetic voice of the hall, and how loud both are. Both
// may be missing or forbidden until somebody touches the screen; a call is then
// shown without them.

const Context = window.AudioContext || /** @type {any} */ (window).webkitAudioContext;
/** @type {AudioContext|null} */
export let context = null;
/** @type {GainNode|null} what everything is played through */
export let loudness = null;
let volume = 1;

/**
 * Opens the way to the loudspeaker. A screen does so at once, to know whether it
 * is heard; a phone with the first touch, because it costs time and battery.
 */
export function begin() {
  if (context || !Context) return;
  try {
    context = new Context();
    loudness = context.createGain();
    loudness.gain.value = volume;
    loudness.connect(context.destination);
  } catch (_) {
    context = null;
  }
}

/** @param {number} percent */
export function setVolume(percent) {
  volume = Math.min(100, Math.max(0, percent)) / 100;
  if (loudness) loudness.gain.value = volume;
}

/** @returns {boolean} whether a touch or a key is needed before anything is heard */
export const blocked = () => context !== null && context.state === 'suspended';

/** @returns {boolean} whether this screen can be heard */
export const audible = () => context !== null && context.state === 'running' && volume > 0;

/** To be called from a key or a touch. */
export function unlock() {
  begin();
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
    const envelope = context.createGain();
    const at = start + i * 0.45;
    tone.type = 'sine';
    tone.frequency.value = pitch;
    envelope.gain.setValueAtTime(0.0001, at);
    envelope.gain.exponentialRampToValueAtTime(0.5, at + 0.02);
    envelope.gain.exponentialRampToValueAtTime(0.0001, at + 0.9);
    tone.connect(envelope);
    envelope.connect(loudness);
    tone.start(at);
    tone.stop(at + 1);
    // A graph that nobody lets go grows through a year of calls.
    tone.onended = () => envelope.disconnect();
  });
  return pause(1.3);
}

/** Kept while it is spoken: some engines forget an utterance that nobody holds. */
let speaking = null;

/** @param {string} lang */
function voice(lang) {
  const all = window.speechSynthesis.getVoices();
  return all.filter((v) => v.lang.toLowerCase().indexOf(lang) === 0)[0] || null;
}

/** @param {string} lang @returns {boolean} whether this browser has a voice for the language */
export const canSpeak = (lang) => !!window.speechSynthesis && !!window.SpeechSynthesisUtterance && !!voice(lang);

/**
 * Speaks, and ends when it was spoken, could not be, or took too long: an
 * engine that hangs must not silence the hall.
 * @param {string} text @param {string} [lang] the page's if absent
 * @returns {Promise<void>}
 */
export function speak(text, lang = boot.lang) {
  const engine = window.speechSynthesis;
  if (!engine || !window.SpeechSynthesisUtterance || blocked()) return Promise.resolve();
  const chosen = voice(lang);
  // Another language's voice would make nonsense of the numbers.
  if (!chosen && engine.getVoices().length > 0) return Promise.resolve();
  return new Promise((done) => {
    engine.cancel();
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = lang === 'id' ? 'id-ID' : 'en-GB';
    if (chosen) utterance.voice = chosen;
    utterance.rate = 0.9;
    utterance.volume = volume;
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
