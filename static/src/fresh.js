import { byId, show, write } from './dom.js';
import { span } from './format.js';
import { say } from './words.js';

// Keeps the part #fresh of a page as the server would draw it now: one drawing
// of it, in the templates, and none here.

const soonest = 1500; // milliseconds between two questions
const oldAfter = 45; // seconds; it asks at least every 30

let asking = false;
let again = false;
let at = performance.now();

/** Asks for the page again; many wishes at once are one. */
export function freshen() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  fetch(location.pathname, { credentials: 'same-origin', headers: { Accept: 'text/html' } })
    .then((answer) => {
      if (answer.redirected || answer.status === 403) return location.reload(); // signed out
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text().then(put);
    })
    .catch(() => {})
    .then(() => {
      window.setTimeout(() => {
        asking = false;
        if (again) {
          again = false;
          freshen();
        }
      }, soonest);
    });
}

/** @param {string} html */
function put(html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html').getElementById('fresh');
  const old = byId('fresh');
  if (!fresh) return;
  const focused = document.activeElement && old.contains(document.activeElement) ? document.activeElement.id : '';
  old.parentNode.replaceChild(fresh, old);
  if (focused && byId(focused)) byId(focused).focus();
  at = performance.now();
  picture(connected);
}

let connected = false;

/** Says how true the page is. @param {boolean} live */
export function picture(live) {
  connected = live;
  const age = (performance.now() - at) / 1000;
  const on = live && age < oldAfter;
  show(byId('live'), true);
  byId('live').className = on ? 'live on' : 'live';
  write(byId('live'), on ? say('live.connected') : age > oldAfter ? say('admin.js.old', { age: span(age) }) : say('live.connecting'));
}

/** Also without a change, waits grow. @param {number} seconds */
export function freshenEvery(seconds) {
  window.setInterval(() => document.visibilityState === 'visible' && freshen(), seconds * 1000);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && freshen());
}
