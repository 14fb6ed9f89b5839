import { placeOf } from './place.js';

// Puts a call into recorded words: which clips, in which order, with which
// pauses between. Nothing is heard here.

/**
 * @typedef {{id: string, number: string, counter: string, counter_name: string,
 *   spoken: string, at: string, times: number, withdrawn?: boolean}} Call
 * @typedef {Object<string, [number, number, string]>} Index clip: offset, length and words
 */

const between = 0.05; // seconds
const comma = 0.28;

/** The clips around the number and the place. */
const frames = {
  id: ['nomor-antrean', 'silakan-menuju'],
  en: ['number', 'please-proceed-to'],
};

/** What offices call their places, in English. */
const places = { loket: 'counter', konter: 'counter', meja: 'desk', ruang: 'room', ruangan: 'room', bilik: 'booth', lantai: 'floor', pintu: 'door' };

/**
 * The clips of a number up to 999: the clip of its own, else tens and ones.
 * @param {number} n @param {(clip: string) => boolean} has
 * @returns {Array<string>|null} null if a clip is missing
 */
function count(n, has) {
  if (has(String(n))) return [String(n)];
  /** @type {Array<string>} */
  let said = [];
  let rest = n;
  if (n >= 1000) return null;
  if (n >= 100) {
    const hundreds = Math.floor(n / 100);
    rest = n % 100;
    if (has(String(hundreds * 100))) said = [String(hundreds * 100)];
    else said = [String(hundreds), has('ratus') ? 'ratus' : 'hundred'];
  } else if (n >= 20) {
    rest = n % 10;
    const tens = String(n - rest);
    said = has(tens) ? [tens] : [String(Math.floor(n / 10)), 'puluh'];
  } else if (n > 11) {
    rest = 0;
    said = [String(n - 10), 'belas'];
  } else {
    return null;
  }
  if (!said.every(has)) return null;
  if (rest === 0) return said;
  const more = count(rest, has);
  return more && said.concat(more);
}

/** @param {string} text @returns {Array<string>} */
const tokens = (text) => text.toLowerCase().split(/[\s.,/-]+/).filter((t) => t);

/**
 * The clips of a counter's name.
 * @param {string} name @param {Index} index @param {string} lang
 */
function named(name, index, lang) {
  const has = (/** @type {string} */ clip) => clip in index;
  /** @type {Object<string, string>} */
  const byWords = {};
  // A clip's own name goes before another's words: "a" is the letter.
  for (const clip of Object.keys(index)) if (index[clip][2]) byWords[index[clip][2]] = clip;
  /** @type {Array<string>} */
  let said = [];
  for (const token of tokens(name)) {
    let found = null;
    if (/^\d{1,3}$/.test(token)) found = count(Number(token), has);
    else if (has(token)) found = [token];
    else if (byWords[token]) found = [byWords[token]];
    else if (lang === 'en' && has(places[token])) found = [places[token]];
    if (!found) return null;
    said = said.concat(found);
  }
  return said.length > 0 ? said : null;
}

/**
 * @param {Call} call @param {Index} index @param {string} lang
 * @returns {{clips: Array<[string, number]>, whole: boolean}|null} each clip with the
 *   pause after it in seconds, and whether the counter's name is among them; null
 *   if not even the number can be said
 */
export function sentence(call, index, lang) {
  const frame = frames[lang];
  if (!frame || !(frame[0] in index) || !(frame[1] in index)) return null;
  const has = (/** @type {string} */ clip) => clip in index;
  const letters = call.number.toLowerCase().replace(/[^a-z]/g, '').split('');
  const digits = call.number.replace(/[^0-9]/g, '').split('');
  if (!letters.concat(digits).every(has) || letters.length + digits.length === 0) return null;

  const own = 'counter-' + call.counter;
  const name = lang === 'id' && call.spoken ? call.spoken : call.counter_name;
  const [label, short] = placeOf(call.counter_name);
  let where = has(own) ? [own] : named(name, index, lang) || named(call.counter_name, index, lang);
  const whole = !!where;
  // A name without clips: at least which one it is.
  if (!where) where = (label && named(short, index, lang)) || named(call.counter, index, lang);

  /** @type {Array<[string, number]>} */
  const clips = [[frame[0], between]];
  letters.forEach((l, i) => clips.push([l, i === letters.length - 1 ? comma : between]));
  digits.forEach((d, i) => clips.push([d, i === digits.length - 1 ? comma : between]));
  if (where) {
    clips.push([frame[1], between]);
    where.forEach((clip) => clips.push([clip, between]));
  }
  return { clips, whole };
}
