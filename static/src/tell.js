import { byId, show } from './dom.js';
import { digest, keep, kept, leave, subscribe } from './subscription.js';

// "Tell me on this phone": one tap subscribes to what happens to the ticket
// while its page is closed, another ends it.

const memory = 'antrean.tell'; // ids of the tickets that this browser was to hear of
const remembered = 20;
const parts = ['tell-ask', 'tell-on', 'tell-denied', 'tell-iphone'];
const able = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

/** @returns {string[]} */
function wanted() {
  try {
    return JSON.parse(localStorage.getItem(memory) || '[]');
  } catch (_) {
    return [];
  }
}

/** @param {string} ticket @param {boolean} yes @returns {string[]} */
function want(ticket, yes) {
  const all = wanted().filter((id) => id !== ticket);
  if (yes) all.push(ticket);
  try {
    localStorage.setItem(memory, JSON.stringify(all.slice(-remembered)));
  } catch (_) {
    // Without a memory a lost subscription is not found again, no more.
  }
  return all;
}

/** @param {string} part that is shown, or '' */
function look(part) {
  parts.forEach((id) => show(byId(id), id === part));
  show(byId('tell'), part !== '');
}

/** Safari on an iPhone lends push to what was added to the home screen only. */
function onIPhone() {
  const phone = /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1);
  return phone && !(/** @type {any} */ (navigator).standalone);
}

async function registered() {
  await navigator.serviceWorker.register('/sw.js');
  return navigator.serviceWorker.ready;
}

/** What is so, and a subscription that was lost is made again. */
async function check() {
  if (!able) return look(onIPhone() ? 'tell-iphone' : '');
  if (Notification.permission === 'denied') return look('tell-denied');
  look('tell-ask');
  const ids = wanted();
  if (Notification.permission !== 'granted' || ids.length === 0) return;
  const there = await kept();
  if (ids.indexOf(there.ticket) < 0) return;
  const registration = await registered();
  const held = await registration.pushManager.getSubscription();
  if (!held || there.browsers.indexOf(await digest(held.endpoint)) < 0) {
    if (held && ids.length === 1) await held.unsubscribe(); // its push service has ended it
    await keep(await subscribe(registration));
  }
  look('tell-on');
}

async function begin() {
  const answer = await Notification.requestPermission(); // first, while the tap counts
  if (answer === 'denied') return look('tell-denied');
  if (answer !== 'granted') return;
  await keep(await subscribe(await registered()));
  want((await kept()).ticket, true);
  look('tell-on');
}

async function end() {
  const registration = await registered();
  const held = await registration.pushManager.getSubscription();
  const there = await kept();
  if (held) await leave(held.endpoint);
  if (want(there.ticket, false).length === 0 && held) await held.unsubscribe();
  look('tell-ask');
}

/** @param {() => Promise<void>} act */
function trying(act) {
  return async () => {
    show(byId('tell-trouble'), false);
    [].forEach.call(byId('tell').querySelectorAll('button'), (b) => (b.disabled = true));
    try {
      await act();
    } catch (_) {
      show(byId('tell-trouble'), true);
    }
    [].forEach.call(byId('tell').querySelectorAll('button'), (b) => (b.disabled = false));
  };
}

/** To be called once, by a page that has the part for it. */
export function offerToTell() {
  if (!byId('tell')) return; // the office sends nothing
  byId('tell-yes').addEventListener('click', trying(begin));
  byId('tell-yes').disabled = false;
  byId('tell-no').addEventListener('click', trying(end));
  check().catch(() => look('tell-ask'));
}
