import { boot } from './boot.js';
import { byId, show, write } from './dom.js';
import { tellHealth } from './health.js';
import { follow } from './live.js';
import { span } from './format.js';
import { hasWords, say } from './words.js';

// The front desk. The server's pages work by themselves; this sends their forms
// and puts the answer's #main in the place of theirs, so that the search keeps
// the focus and the scanner never types into nothing.

const patience = 8000; // milliseconds for one attempt
const longestPause = 5000;
const rest = 1200; // between two pictures of a hall that keeps changing

const search = /** @type {HTMLFormElement} */ (document.querySelector('.search'));
const q = /** @type {HTMLInputElement} */ (byId('q'));
let busy = false;
let finding = false; // what is under way is a search
let later = /** @type {(() => void)|null} */ (null); // the last thing asked for while busy
let pressed = /** @type {any} */ (null); // the button that sends a form

/** @param {number} ms @returns {Promise<any>} */
const pause = (ms) => new Promise((done) => window.setTimeout(done, ms));

/** @param {string} text "" to take it away */
function alertWords(text) {
  write(byId('alert'), text);
  show(byId('alert'), text !== '');
}

/**
 * @param {string} url @param {string} [body] of a POST
 * @returns {Promise<{status: number, url: string, page: Document}>}
 */
async function attempt(url, body) {
  const late = pause(patience).then(() => {
    throw new Error('no answer in time');
  });
  const headers = { Accept: 'text/html' };
  if (body !== undefined) headers['Content-Type'] = 'application/x-www-form-urlencoded';
  const options = { method: body === undefined ? 'GET' : 'POST', credentials: 'same-origin', cache: 'no-store', headers, body };
  const read = fetch(url, /** @type {any} */ (options)).then((answer) =>
    answer.text().then((html) => ({ status: answer.status, url: answer.url, page: new DOMParser().parseFromString(html, 'text/html') })),
  );
  return Promise.race([read, late]);
}

/**
 * Sends until the outcome is known. The form's key makes a repetition harmless.
 * @param {string} url @param {string} [body]
 */
async function ask(url, body) {
  const slow = window.setTimeout(() => alertWords(say('desk.sending')), 600);
  busy = true;
  document.body.classList.add('busy');
  for (let tries = 0; ; tries++) {
    let answer = null;
    try {
      answer = await attempt(url, body);
    } catch (_) {
      answer = null;
    }
    if (answer && answer.status < 500) {
      window.clearTimeout(slow);
      busy = false;
      document.body.classList.remove('busy');
      alertWords('');
      return answer;
    }
    window.clearTimeout(slow);
    alertWords(say('desk.unsure'));
    await pause(Math.min(longestPause, 700 * Math.pow(1.6, tries)) * (0.75 + Math.random() / 2));
  }
}

/** @param {HTMLFormElement} form @param {any} by the button @returns {string} */
function encode(form, by) {
  const parts = [];
  for (const [name, value] of /** @type {any} */ (new FormData(form)).entries()) parts.push([name, value]);
  if (by && by.name) parts.push([by.name, by.value]);
  return parts.map((p) => encodeURIComponent(p[0]) + '=' + encodeURIComponent(p[1])).join('&');
}

/** Does it now, or once what is under way is over. @param {() => void} what */
function soon(what) {
  if (busy) later = what;
  else what();
}

/** @param {string} url @param {string} [body] @param {boolean} [found] of the search */
async function go(url, body, found) {
  const typed = q.value;
  finding = found === true;
  const answer = await ask(url, body);
  const path = answer.url.replace(location.origin, '');
  const main = answer.page.getElementById('main');
  if (answer.status === 401 || path.indexOf('/login') === 0) return location.assign('/login?next=' + encodeURIComponent('/desk?office=' + boot.office));
  if (!main) {
    const title = answer.page.querySelector('h1');
    alertWords((title && title.textContent) || say(hasWords('problem.internal') ? 'problem.internal' : 'desk.unsure'));
  } else {
    paint(answer.page, main);
    // Only what can be opened again has an address; a search has none.
    if (body === undefined || path !== url) history.pushState(null, '', path.split('?done=')[0]);
    if (found && q.value === typed) q.value = answer.status < 400 ? '' : typed;
    const wrong = answer.status >= 400 && !found && main.querySelector('details[open] .fields input:not([type=hidden]), details[open] .fields select');
    (wrong || q).focus();
    if (found && answer.status >= 400) q.select();
  }
  const next = later;
  later = null;
  if (next) next();
}

/** @param {Document} page @param {Element} main */
function paint(page, main) {
  byId('main').parentNode.replaceChild(main, byId('main'));
  patch(page, byId('hall'));
  document.title = page.title;
  window.scrollTo(0, 0);
}

/** Every answer has keys of its own; they change nothing that is seen. @param {Element} e */
const seen = (e) => e.outerHTML.replace(/name="key" value="[^"]*"/g, '');

/** @param {Document} page @param {Element} old */
function patch(page, old) {
  const now = page.getElementById(old.id);
  if (!now || seen(now) === seen(old)) return;
  // Nothing is taken away under somebody's hands.
  if (old.contains(document.activeElement) || old.querySelector('details[open]')) return;
  old.parentNode.replaceChild(now, old);
}

let due = false;
let looking = false;

/** The picture once more, because the office has changed. */
async function look() {
  due = true;
  if (looking || busy) return;
  looking = true;
  while (due && !busy) {
    due = false;
    const where = byId('main').getAttribute('data-refresh');
    try {
      const answer = await attempt(where);
      if (!busy && answer.status === 200 && byId('main').getAttribute('data-refresh') === where)
        [].forEach.call(document.querySelectorAll('[data-live]'), (old) => patch(answer.page, old));
    } catch (_) {
      due = true;
    }
    await pause(rest);
  }
  looking = false;
}

document.addEventListener('submit', (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  const by = pressed && form.contains(pressed) ? pressed : null;
  pressed = null;
  if (form.method !== 'post' || form.action.indexOf('/desk/') < 0) return;
  e.preventDefault();
  if (form === search) {
    const text = q.value.trim();
    const primary = /** @type {any} */ (byId('main').querySelector('[data-primary]'));
    // Behind an act it stays typed: its answer, a slip perhaps, is to be seen first.
    if (text && (!busy || finding)) soon(() => go(form.getAttribute('action'), 'q=' + encodeURIComponent(text), true));
    else if (!text && primary && !busy) primary.click();
    return;
  }
  if (busy) return; // pressed twice
  go(form.getAttribute('action'), encode(form, by));
});

document.addEventListener('click', (e) => {
  const target = /** @type {Element} */ (e.target);
  const button = /** @type {any} */ (target.closest('button'));
  if (button && button.hasAttribute('data-print')) return window.print();
  if (button) pressed = button;
  const link = /** @type {any} */ (target.closest('a[href^="/desk"]'));
  if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey && link.href.indexOf('lang=') < 0) {
    e.preventDefault();
    soon(() => go(link.getAttribute('href')));
    return;
  }
  if (!target.closest('a, button, input, select, label, summary')) q.focus();
});

// Opening a form begins in it; a long one is looked at from its top.
document.addEventListener(
  'toggle',
  (e) => {
    const details = /** @type {HTMLDetailsElement} */ (e.target);
    if (!details.open || !details.contains(document.activeElement)) return;
    const field = /** @type {any} */ (details.querySelector('.fields input:not([type=hidden]), .fields select, .fields button'));
    if (!field) return;
    field.focus();
    if (field.select && field.type === 'text') field.select();
  },
  true,
);

/** @param {number} by */
function step(by) {
  const all = [].filter.call(document.querySelectorAll('#main .item'), (e) => e.offsetParent !== null);
  const at = all.indexOf(document.activeElement);
  const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  if (to < 0 || to >= all.length) q.focus();
  else all[to].focus();
}

document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.altKey || e.metaKey) return;
  const at = /** @type {any} */ (document.activeElement);
  const field = at && at !== q && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName);
  if (e.key === 'Escape') {
    e.preventDefault();
    const open = at && at.closest('details[open]');
    if (open) open.open = false;
    else if (at === q && q.value) q.value = '';
    else if (at === q && byId('main').getAttribute('data-refresh') !== byId('home').getAttribute('href')) soon(() => go(byId('home').getAttribute('href')));
    q.focus();
  } else if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && !field) {
    e.preventDefault();
    step(e.key === 'ArrowDown' ? 1 : -1);
  } else if (e.key.length === 1 && e.key !== ' ' && !field) {
    q.focus(); // a scanner types wherever the focus is
  }
});

window.addEventListener('popstate', () => soon(() => location.reload()));

follow({
  staleAfter: 30,
  silentAfter: 35,
  onView: look,
  onReturn: look,
  onPicture({ connected, age }) {
    const live = byId('live');
    live.className = connected ? 'live on' : 'live';
    write(live, say(connected ? 'live.connected' : 'live.connecting'));
    const old = !connected && age > 15;
    show(byId('old'), old);
    if (old) write(byId('old'), say('desk.stale', { age: span(age) }));
  },
});
q.focus();
tellHealth(() => false);
