import { boot } from './boot.js';
import { newKey } from './key.js';
import { stopwatch } from './stopwatch.js';
import { hasWords, say } from './words.js';

// Commands to the API. Each press has one key; an answer that was lost is
// asked for again with the same key, so that nothing happens twice.

const patience = 2500; // milliseconds for one attempt
const longestPause = 1500;
/** So many seconds a press is repeated without a question: a gap of the Wi-Fi. */
const unasked = 10;

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((done) => window.setTimeout(done, ms));

/** @param {string} method @param {string} path @param {any} body @param {string} key @returns {Promise<Response>} */
function attempt(method, path, body, key) {
  const abort = 'AbortController' in window ? new AbortController() : null;
  const late = pause(patience).then(() => {
    if (abort) abort.abort(); // what was given up must not arrive later
    throw new Error('no answer in time');
  });
  return Promise.race([
    fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, 'Accept-Language': boot.lang },
      body: JSON.stringify(body),
      signal: abort ? abort.signal : undefined,
    }),
    late,
  ]);
}

/**
 * @typedef {Object} Answer
 * @property {boolean} ok
 * @property {any} body the JSON answer, null if there is none
 * @property {string} code of the refusal; "dropped" if it is not to be sent again
 * @property {string} words of the refusal, for people
 * @property {string} position epoch:version of the log that the body is of, if it says so
 */

/**
 * @param {string} method @param {string} path @param {any} body
 * @param {() => void} unsure told before every repetition
 * @param {() => Promise<boolean>} ask whether to go on after ten seconds
 * @returns {Promise<Answer>} settles once the outcome is known, or was given up
 */
export async function command(method, path, body, unsure, ask) {
  const key = newKey();
  let since = stopwatch();
  for (let tries = 0; ; tries++) {
    if (since.seconds() > unasked) {
      if (!(await ask())) return { ok: false, body: null, code: 'dropped', words: say('counter.dropped'), position: '' };
      since = stopwatch();
      tries = 1;
    }
    let response = null;
    try {
      response = await attempt(method, path, body, key);
    } catch (_) {
      response = null;
    }
    if (response && response.status < 500) {
      let answer = null;
      try {
        answer = await response.json();
      } catch (_) {
        answer = null;
      }
      if (response.ok) return { ok: true, body: answer, code: '', words: '', position: response.headers.get('Antrean-Position') || '' };
      return refused(response, answer);
    }
    unsure();
    await pause(Math.min(longestPause, 500 * Math.pow(1.6, tries)) * (0.75 + Math.random() / 2));
  }
}

/** @param {Response} response @param {any} problem @returns {Answer} */
function refused(response, problem) {
  const code = (problem && problem.code) || (response.status === 401 ? 'unauthenticated' : 'internal');
  // The server's words know more than the code; ours are for a proxy's answer.
  let words = problem && (problem.detail || problem.title);
  if (!words) words = say(hasWords('problem.' + code) ? 'problem.' + code : 'problem.internal');
  return { ok: false, body: problem, code, words, position: '' };
}
