import { boot } from './boot.js';
import { realSecondsSince } from './clock.js';
import { chime, hush, pause, speak } from './sound.js';
import { say } from './words.js';

// Shows and speaks each call once, one after another.

/**
 * @typedef {{id: string, number: string, counter: string, counter_name: string,
 *   spoken: string, at: string, times: number, withdrawn?: boolean}} Call
 */

const oldestSpoken = 60; // seconds
const remembered = 300; // ids
const simulated = boot.stepped || (boot.speed || 1) !== 1;

/** How long a number stays large when so many more wait, in seconds. @param {number} queued */
function stay(queued) {
  if (simulated) return queued > 3 ? 0.7 : queued > 0 ? 1.5 : 4;
  return queued > 3 ? 2 : queued > 0 ? 3 : 5;
}

/** "A-012" → "A, nol satu dua". @param {string} number */
function spell(number) {
  const digits = say('tv.digits').split(' ');
  const letters = number.replace(/[^A-Za-z]/g, '').split('').join(' ');
  const rest = number.replace(/[^0-9]/g, '').split('').map((d) => digits[Number(d)]).join(' ');
  return letters ? letters + ', ' + rest : rest;
}

/** @param {Call} call @returns {string} */
export function sentence(call) {
  const counter = boot.lang === 'id' && call.spoken ? call.spoken : call.counter_name;
  return say('tv.announce', { number: spell(call.number), counter });
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
  } catch (_) {
    ids = [];
  }
  return {
    known,
    has: (id) => ids.indexOf(id) >= 0,
    add(id) {
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
 * @param {string} office
 * @param {(call: Call|null, flash: boolean) => void} present shows a call large; null: nothing is being announced
 */
export function announcer(office, present) {
  const announced = memory(office);
  /** @type {Array<{call: Call, age: number, came: number}>} */
  let queue = [];
  /** @type {Call|null} */
  let current = null;
  /** @type {(value?: any) => void} cuts the call that is being announced short */
  let withdrawn = () => {};
  let busy = false;

  function next() {
    if (busy) return;
    const item = queue.shift();
    if (!item) {
      current = null;
      present(null, false);
      return;
    }
    busy = true;
    current = item.call;
    present(item.call, true);
    const cut = new Promise((done) => {
      withdrawn = done;
    });
    const fresh = item.age + (performance.now() - item.came) / 1000 < oldestSpoken;
    Promise.race([cut, Promise.all([held(), fresh ? sound(item.call) : null])]).then(() => {
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

  /** Twice, the second time only if nobody else waits to be called. @param {Call} call */
  function sound(call) {
    if (simulated && queue.length > 0) return chime();
    const text = sentence(call);
    return chime()
      .then(() => (current === call ? speak(text) : undefined))
      .then(() => pause(0.4))
      .then(() => (current === call && queue.length === 0 ? speak(text) : undefined));
  }

  return {
    /** Whether a call still waits to be shown large. @param {Call} call */
    pending: (call) => queue.some((item) => item.call.id === call.id),

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
          if (current && current.id === call.id) {
            current = null;
            hush();
            withdrawn();
          }
          continue;
        }
        if (announced.has(call.id)) continue;
        announced.add(call.id);
        const age = realSecondsSince(call.at, at);
        // A screen that has just been set up has nothing to catch up with.
        if (first && (!announced.known || age >= oldestSpoken)) continue;
        queue.push({ call, age, came: performance.now() });
      }
      // Faster than anybody can read: the list below still shows them all.
      if (simulated && queue.length > 6) queue = queue.slice(-6);
      next();
    },
  };
}
