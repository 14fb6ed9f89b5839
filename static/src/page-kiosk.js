import { byId, make, show } from './dom.js';
import { tellHealth } from './health.js';
import { follow, keepAwake } from './live.js';
import { newKey } from './key.js';
import { camera } from './camera.js';
import { keypad } from './keypad.js';

// The kiosk. Every step is the server's page; scripts show it in place, so that
// a lost connection never leaves a browser's error on the screen, repeat a press
// whose answer was lost with the same key, print, and lead back to the start.

const patience = 4000; // milliseconds for one attempt
const longest = 20000; // and for all of them
const reloadAgain = 60000; // milliseconds after the page was loaded, at the earliest
const warnFor = 20; // seconds before the start comes back
/** Seconds untouched after which a step is over; its warning not counted. */
const idle = { start: 20, given: 25, arrived: 25, told: 25, service: 40, code: 60 };

let flying = false; // something was asked for and has not come
let touched = performance.now();
let refreshAgain = false;

const page = () => byId('page');
/** @param {string} name */
const told = (name) => page().getAttribute('data-' + name);
const atHome = () => page().hasAttribute('data-home');

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((done) => window.setTimeout(done, ms));

/**
 * @param {string} url @param {string} [body] of a form
 * @returns {Promise<string|null>} a page of the kiosk, null if none came
 */
async function fetchPage(url, body) {
  const abort = 'AbortController' in window ? new AbortController() : null;
  const timer = window.setTimeout(() => abort && abort.abort(), patience);
  try {
    const late = pause(patience).then(() => null);
    const headers = body === undefined ? { Accept: 'text/html' } : { Accept: 'text/html', 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await Promise.race([
      fetch(url, { method: body === undefined ? 'GET' : 'POST', body, headers, credentials: 'same-origin', cache: 'no-store', signal: abort ? abort.signal : undefined }),
      late,
    ]);
    if (!answer || answer.status >= 500 || answer.status === 429) return null;
    if (answer.status === 401 || answer.status === 403 || answer.redirected) {
      location.reload(); // no kiosk any more: the server says what to do
      return null;
    }
    return await Promise.race([answer.text(), late]);
  } catch (_) {
    return null;
  } finally {
    window.clearTimeout(timer);
  }
}

/** Shows a page in the place of this one. @param {string} html @param {boolean} quietly nobody asked for it */
function swap(html, quietly) {
  const next = new DOMParser().parseFromString(html, 'text/html');
  const came = next.getElementById('page');
  if (!came) return location.assign(told('start'));
  if (quietly && came.querySelector('main').innerHTML === byId('page').querySelector('main').innerHTML && came.className === page().className) return;
  const held = quietly && document.activeElement && document.activeElement.getAttribute('href');
  lens.stop();
  page().parentNode.replaceChild(document.importNode(came, true), page());
  document.documentElement.lang = next.documentElement.lang;
  document.title = next.title;
  ready();
  showOffline();
  if (quietly) {
    const again = [].filter.call(document.querySelectorAll('a'), (a) => held && a.getAttribute('href') === held)[0];
    if (again) again.focus();
    return;
  }
  window.scrollTo(0, 0);
  const first = byId('typed') || page().querySelector('h1');
  first.focus();
}

/** @param {boolean} yes */
function busy(yes) {
  flying = yes;
  page().classList.toggle('busy', yes);
}

/** @param {string} url */
async function go(url) {
  if (flying) return;
  busy(true);
  const html = await fetchPage(url);
  busy(false);
  if (html) swap(html, false);
  else show(byId('offline'), true);
}

/**
 * A form: asked for until it is answered, always with the same key.
 * @param {string} url @param {string} body
 */
async function send(url, body) {
  if (flying) return; // pressed twice
  busy(true);
  show(byId('failed'), false);
  const began = performance.now();
  const slow = window.setTimeout(() => show(byId('sending'), true), 400);
  let html = null;
  for (let tries = 0; !html && performance.now() - began < longest; tries++) {
    if (tries > 0) {
      show(byId('sending'), false);
      show(byId('unsure'), true);
      await pause(Math.min(2500, 400 * Math.pow(1.6, tries)));
    }
    html = await fetchPage(url, body);
  }
  window.clearTimeout(slow);
  touched = performance.now();
  busy(false);
  show(byId('sending'), false);
  show(byId('unsure'), false);
  if (!html) return show(byId('failed'), true);
  swap(html, false);
  if (page().hasAttribute('data-print') && (told('step') === 'given' || told('step') === 'arrived')) print();
}

/** Once for each answer: whatever is shown afterwards prints nothing. */
function print() {
  const pictures = [].map.call(document.querySelectorAll('#paper img'), (img) => (img.decode ? img.decode().catch(() => {}) : null));
  Promise.race([Promise.all(pictures), pause(1000)]).then(() => window.print());
}

/** @param {HTMLFormElement} form @param {HTMLButtonElement|null} button @returns {string} */
function encode(form, button) {
  const parts = [];
  for (const field of /** @type {any} */ (form.elements)) if (field.name && field.tagName === 'INPUT') parts.push([field.name, field.value]);
  if (button && button.name) parts.push([button.name, button.value]);
  return parts.map((p) => p.map(encodeURIComponent).join('=')).join('&');
}

/** A code that was scanned. @param {string} code */
function scanned(code) {
  send(told('check-in'), 'key=' + newKey() + '&code=' + encodeURIComponent(code));
}

/** @type {HTMLButtonElement|null} */
let pressed = null;
document.addEventListener('click', (e) => {
  touched = performance.now();
  const target = /** @type {Element} */ (e.target);
  const link = target.closest('#page a[href]');
  pressed = /** @type {any} */ (target.closest('form button'));
  if (target.id === 'still-yes') show(byId('still'), false);
  if (target.id === 'camera') lens.start(scanned);
  if (target.id === 'camera-off') lens.stop();
  if (!link) return;
  e.preventDefault();
  go(link.getAttribute('href'));
});
document.addEventListener('submit', (e) => {
  e.preventDefault();
  const form = /** @type {HTMLFormElement} */ (e.target);
  send(form.getAttribute('action'), encode(form, pressed));
});

// A scanner is a keyboard that types fast and presses Enter; it may do so
// anywhere, also while a button has the focus.
let typed = '';
let lastKey = 0;
document.addEventListener(
  'keydown',
  (e) => {
    touched = performance.now();
    if (/** @type {Element} */ (e.target).tagName === 'INPUT' || e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.timeStamp - lastKey > 500) typed = '';
    lastKey = e.timeStamp;
    if (e.key.length === 1) typed += e.key;
    if (typed.length > 3 && e.key === ' ') e.preventDefault(); // part of a code, not a press
    if (e.key !== 'Enter' || typed.length < 6) return;
    e.preventDefault();
    const code = typed;
    typed = '';
    scanned(code);
  },
  true,
);
for (const type of ['pointerdown', 'touchstart', 'input']) document.addEventListener(type, () => (touched = performance.now()));

window.setInterval(() => {
  if (flying) return;
  const untouched = (performance.now() - touched) / 1000;
  if (atHome()) return;
  const limit = idle[told('step')] || 30;
  show(byId('still'), untouched > limit && untouched <= limit + warnFor);
  if (untouched > limit + warnFor) {
    touched = performance.now();
    go(told('start'));
  }
}, 500);

/** What a step needs once it is shown. */
function ready() {
  const input = byId('typed');
  if (input) keypad(byId('keys'), input, '23456789ABCDEFGHJKLMNPQRSTUVWXYZ');
  lens.offer();
}

let offline = false;
function showOffline() {
  show(byId('offline'), offline);
}

/** The start follows the office: another interval, doors that open or close. */
async function refresh() {
  if (refreshAgain) return;
  refreshAgain = true;
  await pause(1500);
  refreshAgain = false;
  if (flying || told('step') !== 'start' || performance.now() - touched < 1500) return;
  const url = atHome() ? told('start') : null;
  const html = url && (await fetchPage(url));
  if (!html || flying || !atHome()) return;
  // Another release: nobody reloads a kiosk, so it does between two visitors; once
  // a minute, while nodes of two releases answer by turns.
  const script = document.querySelector('script[src]').getAttribute('src');
  if (html.indexOf('id="boot"') >= 0 && html.indexOf(script) < 0 && performance.now() > reloadAgain) location.reload();
  else swap(html, true);
}

const lens = camera();
ready();
follow({
  staleAfter: 10,
  silentAfter: 12,
  onView: refresh,
  onPicture({ connected, age }) {
    const now = !connected && age > 10;
    if (now === offline) return;
    offline = now;
    showOffline();
  },
  onReturn: refresh,
});
keepAwake(() => true);
tellHealth(() => false);
