import { boot } from './boot.js';
import { realSecondsSince } from './clock.js';
import { hasClip, hushClips, play, voiceIn } from './clips.js';
import { canSpeak, chime, hush, pause, speak } from './sound.js';
import { sentence } from './voice.js';
import { sayIn } from './words.js';

// Shows and speaks each call once, one after another.

/** @typedef {import('./voice.js').Call} Call */

const oldestSpoken = 60; // seconds
const remembered = 300; // ids
const crowd = 3; // calls that wait to be announced: then each is said once and in one language
const simulated = boot.stepped || (boot.speed || 1) !== 1;

/** How long a number stays large when so many more wait, in seconds. @param {number} queued */
function stay(queued) {
  if (simulated) return queued > 3 ? 0.7 : queued > 0 ? 1.5 : 4;
  return queued > 3 ? 2 : queued > 0 ? 3 : 5;
}

/** "A-012" → "A, nol satu dua". @param {string} number @param {string} lang */
function spell(number, lang) {
  const digits = sayIn(lang, 'tv.digits').split(' ');
  const letters = number.replace(/[^A-Za-z]/g, '').split('').join(' ');
  const rest = number.replace(/[^0-9]/g, '').split('').map((d) => digits[Number(d)]).join(' ');
  return letters ? letters + ', ' + rest : rest;
}

/** @param {Call} call @param {string} lang @returns {string} */
function words(call, lang) {
  const counter = lang === 'id' && call.spoken ? call.spoken : call.counter_name;
  return sayIn(lang, 'tv.announce', { number: spell(call.number, lang), counter });
}

/**
 * Says a call once: with recorded words; with the browser's voice where those
 * lack the counter's name; else with as many of them as there are. What is said
 * can be followed by the page's events "saying" and "said"; "shown" is a call
 * that is too old to be said.
 * @param {Call} call @param {string} lang
 */
function sayOnce(call, lang) {
  const index = voiceIn(lang);
  const recorded = index && sentence(call, index, lang);
  const text = words(call, lang);
  const clips = !!recorded && (recorded.whole || !canSpeak(lang));
  const detail = { call: call.id, lang, text, clips: clips ? recorded.clips.map((c) => c[0]) : null };
  const tell = (/** @type {string} */ what) => document.dispatchEvent(new CustomEvent(what, { detail }));
  tell('saying');
  const done = clips ? play(lang, recorded.clips).catch(() => speak(text, lang)) : speak(text, lang);
  return done.then(() => tell('said'));
}

/** The office's own chime, or the two notes. */
function ring() {
  return hasClip(boot.lang, 'chime') ? play(boot.lang, [['chime', 0.2]]).catch(chime) : chime();
}

/**
 * Ids that this screen has announced, kept through a reload: nothing is
 * spoken twice, and what came while it reloaded is not lost.
 * @param {string} office
 */
function memory(office) {
  const key = 'antrean.announced.' + office;
  let ids = [];
  let known = false;
  try {
    const kept = localStorage.getItem(key);
    known = kept !== null;
    ids = JSON.parse(kept || '[]');
    if (!known) localStorage.setItem(key, '[]');
  } catch (_) {
    ids = [];
  }
  return {
    known,
    has: (id) => ids.indexOf(id) >= 0,
    add(id) {
      if (ids.indexOf(id) >= 0) return;
      ids.push(id);
      ids = ids.slice(-remembered);
      try {
        localStorage.setItem(key, JSON.stringify(ids));
      } catch (_) {
        // A screen without storage announces what is fresh after a reload again.
      }
    },
  };
}

/**
 * @typedef {Object} Hall
 * @property {(call: Call|null, flash: boolean) => void} present shows a call large; null: nothing is being announced
 * @property {() => boolean|Promise<boolean>} heard whether this screen speaks now
 * @property {(call: string) => void} spoke this screen has spoken a call
 * @property {() => Array<string>} languages in which it speaks, one after the other
 */

/** @param {string} office @param {Hall} hall */
export function announcer(office, hall) {
  const announced = memory(office);
  /** @type {Array<{call: Call, age: number, came: number}>} */
  let queue = [];
  /** @type {Call|null} */
  let current = null;
  /** @type {(value?: any) => void} cuts the call that is being announced short */
  let cut = () => {};
  let busy = false;
  let lastSpoken = '';
  let turns = 0; // announcements that were begun
  let heardHere = false; // the current call is being spoken on this screen

  function next() {
    if (busy) return;
    const item = queue.shift();
    if (!item) {
      current = null;
      hall.present(null, false);
      return;
    }
    busy = true;
    heardHere = false;
    const call = item.call;
    const mine = ++turns;
    current = call;
    hall.present(call, true);
    const ended = new Promise((done) => {
      cut = done;
    });
    const fresh = item.age + (performance.now() - item.came) / 1000 < oldestSpoken;
    if (!fresh) document.dispatchEvent(new CustomEvent('shown', { detail: { call: call.id } }));
    Promise.race([ended, Promise.all([held(), fresh ? sound(call, () => turns === mine).catch(() => {}) : null])]).then(() => {
      announced.add(call.id);
      busy = false;
      next();
    });
  }

  /** Waits as long as the queue behind allows, also if it grows meanwhile. */
  function held() {
    const began = performance.now();
    return new Promise((done) => {
      const look = () => {
        if (performance.now() - began >= stay(queue.length) * 1000) done();
        else window.setTimeout(look, 100);
      };
      look();
    });
  }

  function cutShort() {
    turns++;
    cut();
  }

  /**
   * Twice, in each language; once and in one while a crowd waits.
   * @param {Call} call @param {() => boolean} still whether it is this call's turn
   */
  function sound(call, still) {
    const crowded = () => queue.length + 1 >= crowd;
    /** @type {Array<string>} */
    const languages = hall.languages().concat(hall.languages());
    const turn = (/** @type {number} */ i) => {
      if (i >= languages.length || (i > 0 && crowded())) return undefined;
      return heard().then((may) => {
        if (!may) return undefined;
        announced.add(call.id); // a reload in the middle of it repeats nothing
        return sayOnce(call, languages[i])
          .then(() => {
            if (lastSpoken !== call.id) hall.spoke((lastSpoken = call.id));
            return pause(0.4);
          })
          .then(() => turn(i + 1));
      });
    };
    const heard = () => Promise.resolve(hall.heard()).then((may) => may && still());
    return heard().then((may) => {
      if (!may) return undefined;
      heardHere = true;
      if (simulated && queue.length > 0) return ring();
      return ring().then(() => turn(0));
    });
  }

  /** @param {Call} call */
  const queued = (call) => queue.some((item) => item.call.id === call.id);
  /** @param {Call} call */
  const isCurrent = (call) => !!current && current.id === call.id;

  return {
    /** Whether a call still waits to be shown large. */
    pending: queued,

    /** Whether nothing is being announced or waits for it. */
    idle: () => !busy && queue.length === 0,

    /** The id of the call that this screen spoke last, "" if it has not spoken. */
    lastSpoken: () => lastSpoken,

    /** Ends what is being said; the number stays. */
    silence() {
      hush();
      hushClips();
    },

    /**
     * Takes the voice of the hall from another screen, which spoke the call
     * `last`: what came after it was shown here without a sound, or is just being
     * shown so.
     * @param {Array<Call>} calls newest first @param {string} last
     */
    takeOver(calls, last) {
      const missed = [];
      for (const call of calls) {
        if (call.id === last) break;
        if (!call.withdrawn && !queued(call) && !(isCurrent(call) && heardHere) && realSecondsSince(call.at) < oldestSpoken) missed.unshift(call);
      }
      const at = performance.now();
      queue = missed.map((call) => ({ call, age: realSecondsSince(call.at), came: at })).concat(queue);
      if (missed.some(isCurrent)) cutShort();
      else if (missed.length > 0) next();
    },

    /**
     * Takes the calls of a view.
     * @param {Array<Call>} calls newest first
     * @param {string} at the server's time of the view
     * @param {boolean} first whether this is the page's first paint
     */
    offer(calls, at, first) {
      for (const call of calls.slice().reverse()) {
        if (call.withdrawn) {
          announced.add(call.id);
          queue = queue.filter((item) => item.call.id !== call.id);
          if (isCurrent(call)) {
            current = null;
            hush();
            hushClips();
            cutShort();
          }
          continue;
        }
        if (announced.has(call.id) || queued(call) || isCurrent(call)) continue;
        const age = realSecondsSince(call.at, at);
        // A screen that has just been set up has nothing to catch up with.
        if (first && (!announced.known || age >= oldestSpoken)) {
          announced.add(call.id);
          continue;
        }
        queue.push({ call, age, came: performance.now() });
      }
      // Faster than anybody can read: the list below still shows them all.
      if (simulated && queue.length > 6) {
        queue.slice(0, -6).forEach((item) => announced.add(item.call.id));
        queue = queue.slice(-6);
      }
      next();
    },
  };
}
