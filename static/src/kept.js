import { boot } from './boot.js';
import { last, shelf } from './shelf.js';

// Keeps the ticket as it was last known, for when it is opened without a
// connection; the service worker shows that. Nothing but the ticket is kept, only
// while it is under way, and only the one of the link that was opened last.

const able = 'caches' in window && 'serviceWorker' in navigator;
const over = ['done', 'no_show', 'cancelled', 'expired'];
const every = 10000; // milliseconds, while nothing changes
const lookAgain = 10000;

let busy = false;
let page = false; // the page itself is kept
let gone = false;
let wrote = { version: -1, at: 0 };

/**
 * To be called whenever what is shown is known to be current.
 * @param {{epoch: string, version: number, at: string}} live where the view stands
 * @param {number} at when that came, in milliseconds of the phone's own clock
 * @param {any} view
 */
export function remember(live, at, view) {
  if (!able || busy) return;
  if (over.indexOf(view.state) >= 0) return forget();
  gone = false;
  // What is looked at comes first.
  if (document.readyState !== 'complete' || (document.fonts && document.fonts.status !== 'loaded')) return;
  if (wrote.version === live.version && Date.now() - wrote.at < every) return;
  busy = true;
  wrote = { version: live.version, at: Date.now() };
  write({ live: Object.assign({}, boot.live, live), view, kept: { at, seen: Date.now() } }).then(
    () => (busy = false),
    () => {
      // Full, forbidden, of two releases, or the connection went: tried again later.
      busy = false;
    },
  );
}

/** @param {any} state */
async function write(state) {
  const cache = await caches.open(shelf);
  if (!page) await writePage(cache);
  await cache.put(last(boot.link), new Response(JSON.stringify(state)));
}

/** The page as the server shows it, and what it loads. @param {Cache} cache */
async function writePage(cache) {
  await navigator.serviceWorker.register('/sw.js');
  const parts = performance
    .getEntriesByType('resource')
    .map((e) => new URL(e.name))
    .filter((url) => url.origin === location.origin && url.pathname.indexOf('/a/') === 0)
    .map((url) => url.pathname);
  if (document.querySelector('.qr img')) parts.push('/t/qr.svg');
  const loaded = await Promise.all(parts.filter((part, i) => parts.indexOf(part) === i).map(load));
  const answer = await fetch('/t', { credentials: 'same-origin', cache: 'no-store', headers: { Accept: 'text/html' } });
  if (!answer.ok) throw new Error('keep: ' + answer.status);
  await Promise.all(loaded.map(([part, held]) => cache.put(part, held)));
  await cache.put('/t', answer);
  for (const request of await cache.keys()) {
    const url = new URL(request.url);
    if (parts.concat('/t', last(boot.link)).indexOf(url.pathname + url.search) < 0) await cache.delete(request);
  }
  page = true;
}

/**
 * What the page loads, as it is to be kept. A node of another release has only its
 * own for the address, and says that nobody may keep that.
 * @param {string} part @returns {Promise<[string, Response]>}
 */
async function load(part) {
  const answer = await fetch(part, { credentials: 'same-origin' });
  const foreign = part.indexOf('/a/') === 0 && /no-store/.test(answer.headers.get('Cache-Control') || '');
  if (answer.ok && !foreign) return [part, answer];
  await answer.text(); // else its connection would not be free for the next attempt
  throw new Error('keep: ' + part);
}

function forget() {
  if (gone) return;
  gone = true;
  page = false;
  caches.delete(shelf).catch(() => {});
}

/** A page that was kept gives way to the server's as soon as that answers. */
export function giveWay() {
  if (!boot.kept) return;
  const look = () => {
    if (/^(INPUT|TEXTAREA)$/.test(document.activeElement ? document.activeElement.tagName : '')) return;
    fetch('/t', { method: 'HEAD', credentials: 'same-origin', cache: 'no-store' }).then(
      (answer) => answer.status < 500 && location.reload(),
      () => {}, // still none
    );
  };
  window.addEventListener('online', look);
  window.setInterval(look, lookAgain);
}
