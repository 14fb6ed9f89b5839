import { boot } from './boot.js';

// A paired device tells the server how it is, so that a screen that went dark is
// seen by those who can switch it on again.

const tellEvery = 5 * 60000; // ms

/** @param {string} path @param {Object} body @param {boolean} [last] whether the page is being closed @returns {Promise<any>} */
export function post(path, body, last = false) {
  return fetch('/api/v1/devices/' + path, {
    method: 'POST',
    credentials: 'same-origin',
    keepalive: last,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }).then((answer) => {
    // No longer paired: back to the code.
    if (answer.status === 401) location.replace('/pair?kind=' + boot.device);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.status === 204 ? null : answer.json();
  });
}

/**
 * Tells at once and every few minutes from then on.
 * @param {() => boolean} sound whether it can be heard; of a device that makes none, false
 * @returns {{tell: () => void, told: () => string}} what was told last, "" for nothing
 */
export function tellHealth(sound) {
  let told = '';
  function tell() {
    const health = { release: boot.release, sound: sound(), width: screen.width, height: screen.height };
    told = JSON.stringify(health);
    post('health', health).catch(() => {
      told = '';
    });
  }
  if (boot.device) {
    window.setInterval(tell, tellEvery);
    tell();
  }
  return { tell, told: () => told };
}
