import { boot } from './boot.js';
import { context, loudness } from './sound.js';

// The recorded words of each language: fetched once, as one file whose address
// changes with its content, and kept decoded.

/** @typedef {{index: import('./voice.js').Index, bytes: ArrayBuffer, decoded: Object<string, Promise<AudioBuffer>>}} Pack */

/** @type {Object<string, Pack>} */
const packs = {};
const retry = 15000; // ms
const audible = 0.01; // amplitude at which a clip begins

/** Fetches the clips of a language, again and again until they are here. @param {string} lang */
export function fetchVoice(lang) {
  const url = (boot.voices || {})[lang];
  if (!url || !context || packs[lang]) return;
  fetch(url)
    .then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.arrayBuffer();
    })
    .then((bytes) => {
      packs[lang] = unpack(bytes);
    })
    .catch(() => window.setTimeout(() => fetchVoice(lang), retry));
}

/** @param {ArrayBuffer} bytes @returns {Pack} */
function unpack(bytes) {
  const length = new DataView(bytes).getUint32(0);
  const index = JSON.parse(String.fromCharCode.apply(null, new Uint8Array(bytes, 4, length)));
  return { index, bytes: bytes.slice(4 + length), decoded: {} };
}

/** @param {string} lang @returns {import('./voice.js').Index|null} null until it was fetched */
export const voiceIn = (lang) => (packs[lang] ? packs[lang].index : null);

/** @param {Pack} pack @param {string} clip @returns {Promise<AudioBuffer>} */
function decode(pack, clip) {
  if (!pack.decoded[clip]) {
    const [offset, length] = pack.index[clip];
    const bytes = pack.bytes.slice(offset, offset + length);
    // With callbacks: engines of before 2016 return no promise.
    pack.decoded[clip] = new Promise((done, fail) => context.decodeAudioData(bytes, done, () => fail(new Error(clip))));
    pack.decoded[clip].catch(() => {}); // whoever plays it hears of it
  }
  return pack.decoded[clip];
}

/** What is audible of a clip, in seconds: encoders pad both ends. @param {AudioBuffer} sound */
function trim(sound) {
  const samples = sound.getChannelData(0);
  let from = 0;
  let to = samples.length - 1;
  while (from < to && Math.abs(samples[from]) < audible) from++;
  while (to > from && Math.abs(samples[to]) < audible) to--;
  const begin = Math.max(0, from / sound.sampleRate - 0.01);
  return { begin, length: Math.min(sound.duration, to / sound.sampleRate + 0.02) - begin };
}

/** @type {() => void} ends what is being played */
let stop = () => {};

/** Stops the clips that are being played. */
export const hushClips = () => stop();

/**
 * Plays clips of a language one after another, and ends when they were heard or
 * hushed. It fails if one cannot be decoded, before anything is heard.
 * @param {string} lang @param {Array<[string, number]>} clips each with the pause after it
 * @returns {Promise<void>}
 */
export function play(lang, clips) {
  const pack = packs[lang];
  let hushed = false;
  /** @type {Array<AudioBufferSourceNode>} */
  let sources = [];
  /** @type {() => void} */
  let end = () => {};
  const over = () => {
    hushed = true;
    sources.forEach((s) => s.stop());
    sources = [];
    end();
  };
  stop = over;
  return Promise.all(clips.map(([clip]) => decode(pack, clip))).then(
    (sounds) =>
      new Promise((done) => {
        end = done;
        if (hushed) {
          done();
          return;
        }
        let at = context.currentTime + 0.05;
        sounds.forEach((sound, i) => {
          const { begin, length } = trim(sound);
          const source = context.createBufferSource();
          source.buffer = sound;
          source.connect(loudness);
          source.start(at, begin, length);
          sources.push(source);
          at += length + clips[i][1];
        });
        // By the page's clock: a device that has lost its output stands still.
        window.setTimeout(over, (at - context.currentTime) * 1000 + 100);
      }),
  );
}

/** @param {string} lang @param {string} clip @returns {boolean} */
export const hasClip = (lang, clip) => !!packs[lang] && clip in packs[lang].index;
