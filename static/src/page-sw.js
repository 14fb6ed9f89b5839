import { last, shelf } from './shelf.js';
import { digest, keep, leave, subscribe } from './subscription.js';

// The service worker: shows what is pushed while no page is open, opens the
// ticket when that is tapped, and shows the ticket as it was last known while
// there is no connection. It stands in no other page's way.

const worker = /** @type {any} */ (self);
const calling = ['called', 'recalled'];

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (e) => e.waitUntil(worker.clients.claim()));
worker.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== 'GET' || url.origin !== worker.location.origin) return;
  const path = url.pathname;
  if (e.request.mode === 'navigate' && /^\/t(\/\w+)?$/.test(path)) e.respondWith(ticketPage(e.request, path));
  else if (path.indexOf('/a/') === 0) e.respondWith(part(e.request, true));
  else if (path === '/t/qr.svg') e.respondWith(part(e.request, false));
});
worker.addEventListener('push', (e) => e.waitUntil(tell(e.data)));
worker.addEventListener('notificationclick', (e) => {
  e.notification.close();
  e.waitUntil(openTicket((e.notification.data || {}).url));
});
worker.addEventListener('pushsubscriptionchange', (e) => e.waitUntil(renew(e)));

/** @param {{json: function(): any}|null} data */
async function tell(data) {
  let m = { title: 'Antrean', url: '/t' };
  try {
    m = data.json();
  } catch (_) {
    // Something must be shown: browsers end what pushes in silence.
  }
  // A message that comes late must not stand over a newer one.
  const shown = m.tag ? await worker.registration.getNotifications({ tag: m.tag }) : [];
  const newer = shown.map((n) => n.data).filter((d) => d && d.version > m.version)[0];
  if (newer) m = newer;
  const asks = calling.indexOf(m.type) >= 0 || m.type === 'offer';
  const options = {
    body: m.body || '',
    lang: m.locale || '',
    icon: '/a/icon-192.png',
    badge: '/a/badge-96.png',
    data: m,
    requireInteraction: asks,
  };
  if (m.tag) Object.assign(options, { tag: m.tag, renotify: !newer });
  if (newer) options.silent = true;
  else if (asks) options.vibrate = [400, 150, 400, 150, 400];
  await worker.registration.showNotification(m.title, options);
}

/** @param {string|undefined} path of the ticket */
async function openTicket(path) {
  const wanted = new URL(path || '/t', worker.location.origin);
  const url = wanted.origin === worker.location.origin ? wanted.href : worker.location.origin + '/t';
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const one of windows.filter((w) => new URL(w.url).pathname === '/t')) {
    try {
      const there = await one.navigate(url); // it may show another ticket
      return await (there || one).focus();
    } catch (_) {
      // It was opened before this worker and cannot be led: a new one is.
    }
  }
  return worker.clients.openWindow(url);
}

/** The browser's vendor gave the subscription up, or changed it. */
async function renew(e) {
  const subscription = e.newSubscription || (await subscribe(worker.registration));
  await keep(subscription);
  const old = e.oldSubscription;
  if (old && old.endpoint !== subscription.endpoint) await leave(old.endpoint);
}

// Milliseconds for the server, if there is something kept; fewer while it has
// just been waited for in vain.
const patience = 5000;
const hurry = 300;
const lesson = 15000;
let waitedInVain = -lesson;

/**
 * What the server answers; what is kept, if it does not or not soon.
 * @param {Promise<Response>} asked @param {() => Promise<Response|null|undefined>} find what is kept
 */
async function orKept(asked, find) {
  let timer = 0;
  const late = new Promise((done) => {
    const look = async () => {
      const held = await find();
      if (!held) return;
      waitedInVain = performance.now();
      done(held);
    };
    timer = setTimeout(look, performance.now() - waitedInVain < lesson ? hurry : patience);
  });
  try {
    return await Promise.race([asked, late]);
  } catch (problem) {
    const held = await find();
    if (held) return held;
    throw problem;
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Request} request @param {string} path */
function ticketPage(request, path) {
  const asked = fetch(request).then(async (answer) => {
    // The link was replaced, or its ticket is gone.
    if (path === '/t' && (answer.status === 404 || answer.status === 403)) await caches.delete(shelf);
    return (answer.status >= 500 && (await kept(path))) || answer;
  });
  return orKept(asked, () => kept(path));
}

/**
 * What a page loads. @param {Request} request
 * @param {boolean} constant its address changes with its content
 */
async function part(request, constant) {
  const find = () => caches.match(request.url, { ignoreVary: true });
  return (constant && (await find())) || orKept(fetch(request), find);
}

/**
 * The kept page with the last view in it, if it is the one that the path opens.
 * @param {string} path @returns {Promise<Response|null>}
 */
async function kept(path) {
  const page = await caches.match('/t', { ignoreVary: true });
  if (!page) return null;
  const html = await page.text();
  const found = /(<script type="application\/json" id="boot">)([^]*?)(<\/script>)/.exec(html);
  if (!found) return null;
  const boot = JSON.parse(found[2]);
  const view = await caches.match(last(boot.link));
  if (!view || (path !== '/t' && (await digest(path.slice('/t/'.length))) !== boot.link)) return null;
  if (path !== '/t') return Response.redirect('/t', 303); // never a token in the address
  const json = JSON.stringify(Object.assign(boot, await view.json())).replace(/</g, '\\u003c');
  const headers = new Headers();
  ['Content-Type', 'Content-Security-Policy', 'Referrer-Policy', 'X-Content-Type-Options'].forEach((name) =>
    headers.set(name, page.headers.get(name) || ''),
  );
  return new Response(html.replace(found[0], () => found[1] + json + found[3]), { headers });
}
