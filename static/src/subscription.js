// A browser's subscription to push messages about the ticket of its cookie, as
// the page and the service worker both keep it.

const api = '/api/v1/tickets/mine/push';

/** @param {string} method @param {any} [body] @returns {Promise<any>} */
async function call(method, body) {
  const answer = await fetch(api, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error('push: ' + answer.status);
  return answer.status === 204 ? null : answer.json();
}

/** The ticket's id, and the digests of the browsers that are kept for it. */
export const kept = () => call('GET');

/** @param {string} endpoint of the browser that hears nothing more */
export const leave = (endpoint) => call('DELETE', { endpoint });

/** @param {PushSubscription} subscription that the server keeps from now on */
export const keep = (subscription) => call('PUT', subscription);

/** @param {string} text base64url @returns {Uint8Array} */
function bytes(text) {
  const raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

/** What the server knows a browser by. @param {string} endpoint @returns {Promise<string>} */
export async function digest(endpoint) {
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint)));
  const raw = Array.from(sum, (b) => String.fromCharCode(b)).join('');
  return btoa(raw).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** @param {ArrayBuffer|null|undefined} held @param {Uint8Array} key */
function sameKey(held, key) {
  if (!held) return true; // an engine that does not tell
  const other = new Uint8Array(held);
  return other.length === key.length && other.every((b, i) => b === key[i]);
}

/**
 * The browser's subscription, made if there is none for the server's key.
 * @param {ServiceWorkerRegistration} registration
 * @returns {Promise<PushSubscription>}
 */
export async function subscribe(registration) {
  const answer = await fetch('/api/v1/push-key', { cache: 'no-store' });
  if (!answer.ok) throw new Error('push key: ' + answer.status);
  const key = bytes((await answer.json()).key);
  const held = await registration.pushManager.getSubscription();
  if (held && sameKey(held.options && held.options.applicationServerKey, key)) return held;
  if (held) await held.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}
