import { byId, write } from './dom.js';
import { say } from './words.js';

// Sends the booking form. Every attempt of one form has the same key, so that
// repeating one whose answer was lost books nothing twice.

const patience = 12000; // milliseconds for one attempt
const firstPause = 2000;
const longestPause = 15000;

let under = ''; // the form that is under way
let flying = false; // an attempt is
let waiting = 0; // timer of the next attempt
let pause = firstPause;
let label = '';

/** @returns {boolean} */
export const sending = () => under !== '';

/** @param {HTMLFormElement} form @returns {string} */
function encode(form) {
  const parts = [];
  for (const [name, value] of /** @type {any} */ (new FormData(form)).entries())
    parts.push(encodeURIComponent(name) + '=' + encodeURIComponent(value));
  return parts.join('&');
}

/** A press of the button. @param {HTMLFormElement} form */
export function send(form) {
  if (flying) return; // pressed twice
  under = encode(form);
  pause = firstPause;
  attempt();
}

/** Something was typed: what waits to be sent is not what is seen any more. */
export function typedOn() {
  if (!under || flying || encode(byId('book')) === under) return;
  rest();
  write(byId('trouble'), say('booking.again'));
}

function rest() {
  window.clearTimeout(waiting);
  under = '';
  busy(false);
}

/** @param {boolean} yes */
function busy(yes) {
  const button = byId('send');
  if (yes && !label) label = button.textContent || '';
  if (yes) write(button, say('booking.sending'));
  else if (label) write(button, label);
  if (!yes) label = '';
  button.setAttribute('aria-disabled', String(yes));
}

async function attempt() {
  window.clearTimeout(waiting);
  flying = true;
  busy(true);
  let trouble = 'unsure';
  try {
    const answer = await Promise.race([
      fetch('/', {
        method: 'POST',
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'manual', // to the confirmation, which this tab then opens itself
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html' },
        body: under,
      }),
      new Promise((_, late) => window.setTimeout(() => late(new Error('no answer in time')), patience)),
    ]);
    if (answer.type === 'opaqueredirect') return location.assign('/booked');
    if (answer.status < 500 && answer.status !== 429) return show(await answer.text());
    if (answer.status === 429) trouble = 'busy';
  } catch (_) {
    if (navigator.onLine === false) trouble = 'offline';
  }
  flying = false;
  write(byId('trouble'), say('booking.' + trouble));
  byId('trouble').scrollIntoView({ block: 'nearest' });
  if (encode(byId('book')) !== under) return typedOn();
  waiting = window.setTimeout(attempt, pause * (0.75 + Math.random() / 2));
  pause = Math.min(longestPause, pause * 1.7);
}

window.addEventListener('online', () => {
  if (under && !flying) attempt();
});
// Coming back to this page, nothing is under way.
window.addEventListener('pageshow', (e) => {
  if (!e.persisted || !under) return;
  flying = false;
  rest();
});

/** The form again, with what is wrong with it. @param {string} html */
function show(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const main = page.getElementById('main');
  flying = false;
  if (!main) return location.reload();
  under = label = '';
  byId('main').parentNode.replaceChild(main, byId('main'));
  document.title = page.title;
  const wrong = byId('main').querySelector('[autofocus]') || byId('summary') || byId('when');
  wrong.focus();
  wrong.scrollIntoView({ block: 'center' });
}
