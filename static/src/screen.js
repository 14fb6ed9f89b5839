import { boot } from './boot.js';
import { audible, blocked, pause } from './sound.js';

// A paired screen's talk with the server: how it is, and which of a lobby's
// screens speaks. The server lends the voice to one of them for as long as it
// asks; the others are silent and take it when that one is blocked or gone.

const askEvery = 5000; // ms
const reportEvery = 5 * 60000;
const lent = 20000; // ms for which an answer about the voice is good
const patience = 3; // seconds to wait for one before speaking

/** @param {string} path @param {Object} body */
function post(path, body) {
  return fetch('/api/v1/devices/' + path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }).then((answer) => {
    // No longer paired: back to the code.
    if (answer.status === 401) location.replace('/pair?kind=display');
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.status === 204 ? null : answer.json();
  });
}

/**
 * @param {Object} on
 * @param {() => string} on.lastSpoken
 * @param {(last: string) => void} on.voice this screen now has the voice, which spoke the call `last` before
 * @param {() => void} on.settings they have changed
 * @returns {{heard: () => boolean|Promise<boolean>, look: () => void}}
 */
export function pairedScreen(on) {
  if (!boot.screen) return { heard: () => true, look: () => {} };
  const settings = JSON.stringify(boot.screen.settings);
  /** @type {boolean|null} null until the server has answered */
  let speaks = null;
  let answered = 0;
  let asked = 0;
  let reported = '';
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

  function report() {
    const health = { release: boot.release, sound: !blocked(), width: screen.width, height: screen.height };
    reported = JSON.stringify(health);
    post('health', health).catch(() => {
      reported = '';
    });
  }

  window.setInterval(ask, askEvery);
  window.setInterval(report, reportEvery);
  ask();
  report();

  return {
    heard() {
      if (speaks !== null && performance.now() - answered < lent) return speaks;
      // In doubt it speaks: a number heard twice is better than one not heard.
      return Promise.race([ask(), pause(patience)]).then(() => speaks !== false);
    },

    /** Tells at once when the sound was blocked or released. */
    look() {
      if (reported && reported.indexOf('"sound":' + !blocked()) < 0 && performance.now() - asked > 500) {
        ask();
        report();
      }
    },
  };
}
