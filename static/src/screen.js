import { boot } from './boot.js';
import { post, tellHealth } from './health.js';
import { audible, blocked, pause } from './sound.js';

// A paired screen's talk with the server: how it is, and which of a lobby's
// screens speaks. The server lends the voice to one of them for as long as it
// asks; the others are silent and take it when that one is blocked or gone.

const askEvery = 5000; // ms
const lent = 20000; // ms for which an answer about the voice is good
const patience = 3; // seconds to wait for one before speaking

/**
 * @param {Object} on
 * @param {() => string} on.lastSpoken
 * @param {(last: string) => void} on.voice this screen now has the voice, which spoke the call `last` before
 * @param {() => void} on.settings they have changed
 * @returns {{heard: () => boolean|Promise<boolean>, spoke: () => void, look: () => void}}
 */
export function pairedScreen(on) {
  if (!boot.screen) return { heard: () => true, spoke: () => {}, look: () => {} };
  const settings = JSON.stringify(boot.screen.settings);
  /** @type {boolean|null} null until the server has answered */
  let speaks = null;
  let answered = 0;
  let asked = 0;
  /** @type {Promise<void>} */
  let answer = Promise.resolve();

  function ask() {
    asked = performance.now();
    answer = post('voice', { sound: audible(), spoken: on.lastSpoken() })
      .then((said) => {
        const before = speaks;
        speaks = said.speak;
        answered = performance.now();
        if (speaks && before === false) on.voice(said.spoken);
        if (JSON.stringify(said.settings) !== settings) on.settings();
      })
      .catch(() => {}); // what was agreed last stands
    return answer;
  }

  // Whoever is closed leaves the voice to the others; whoever loses its power is
  // missed after a while.
  window.addEventListener('pagehide', () => {
    if (!speaks) return;
    speaks = false;
    post('voice', { sound: false, spoken: on.lastSpoken() }, true).catch(() => {});
  });
  window.setInterval(ask, askEvery);
  ask();
  const health = tellHealth(() => !blocked());

  return {
    heard() {
      if (speaks !== null && performance.now() - answered < lent) return speaks;
      // In doubt it speaks: a number heard twice is better than one not heard.
      return Promise.race([ask(), pause(patience)]).then(() => speaks !== false);
    },

    /** Tells at once what nobody need say again. */
    spoke: ask,

    /** Tells at once when the sound was blocked or released. */
    look() {
      if (health.told() && health.told().indexOf('"sound":' + !blocked()) < 0 && performance.now() - asked > 500) {
        ask();
        health.tell();
      }
    },
  };
}
