import { keep, leave, subscribe } from './subscription.js';

// The service worker: shows what is pushed while no page is open, and opens the
// ticket when that is tapped. It stands in no page's way: it answers no fetch.

const worker = /** @type {any} */ (self);
const calling = ['called', 'recalled'];

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (e) => e.waitUntil(worker.clients.claim()));
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
