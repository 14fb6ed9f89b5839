import { boot } from './boot.js';
import { realSecondsSince, setClock } from './clock.js';
import { setOffset } from './format.js';
import { stopwatch } from './stopwatch.js';

// Follows a live topic: one connection, resumed where the page stands, over a
// WebSocket or, where those do not pass, server-sent events.

/**
 * @typedef {Object} Frame
 * @property {string} type
 * @property {string} epoch
 * @property {number} version
 * @property {string} at
 * @property {string} [confirmed]
 * @property {number} [retry_ms]
 * @property {any} [data]
 *
 * @typedef {Object} Picture How true the page is.
 * @property {boolean} connected the connection is up and what is shown is current
 * @property {number} age real seconds since it was last known to be current
 *
 * @typedef {Object} Options
 * @property {number} staleAfter seconds without confirmation after which the picture is old
 * @property {number} silentAfter seconds without any frame after which the connection is given up
 * @property {(view: any, frame: Frame) => void} onView a snapshot that is newer than what is shown
 * @property {(picture: Picture) => void} onPicture at least once a second
 * @property {() => void} [onReturn] the connection is up again after it was lost
 */

const firstRetry = 500;
const longestRetry = 15000;

/**
 * @param {Options} options
 * @returns {() => void} follows no longer
 */
export function follow(options) {
  let epoch = boot.live.epoch;
  let version = boot.live.version;
  let lag = realSecondsSince(boot.live.confirmed, boot.live.at);
  if (boot.kept) lag += Math.max(0, Date.now() - boot.kept.seen) / 1000;
  const confirmed = stopwatch();
  const heard = stopwatch();

  /** @type {{close: () => void}|null} */
  let connection = null;
  let open = false;
  let failures = 0;
  let hint = 0;
  let events = !('WebSocket' in window);
  let timer = 0;
  let shown = true;
  let lostOnce = false;
  let ended = false;

  /** @param {string} text */
  function receive(text) {
    /** @type {Frame} */
    let frame;
    try {
      frame = JSON.parse(text);
    } catch (_) {
      return;
    }
    if (frame.type === 'bye') {
      hint = Math.max(0, Number(frame.retry_ms) || 0);
      return;
    }
    if (frame.type !== 'snapshot' && frame.type !== 'tick') return;
    heard.restart();
    failures = 0;
    // A node that lags behind what is shown confirms nothing. Another epoch
    // is another history: it replaces everything.
    if (frame.epoch === epoch && frame.version < version) return;
    if (frame.type === 'tick' && frame.epoch !== epoch) return;
    setClock(frame.at);
    setOffset(frame.at);
    // Only a snapshot moves the position: a tick may overtake one that is
    // still on its way, and resuming after it would lose that.
    if (frame.type === 'snapshot') {
      epoch = frame.epoch;
      version = frame.version;
      place = '?since=' + encodeURIComponent(epoch + ':' + version);
      // A view that could not be shown, from a newer release perhaps, leaves
      // an old picture: it must not be confirmed until one can be.
      shown = false;
      options.onView(frame.data, frame);
      shown = true;
    }
    if (!shown) return;
    lag = realSecondsSince(frame.confirmed || frame.at, frame.at);
    confirmed.restart();
    report();
  }

  // What is predicted changes without a new version of the log. The first time
  // the whole view is asked for, because the server's page may hold less.
  let place = '';

  function connect() {
    if (ended) return;
    timer = 0;
    const path = boot.live.url + place;
    let mine = true;
    const opened = () => {
      if (!mine) return;
      open = true;
      heard.restart();
      report();
      if (lostOnce && options.onReturn) options.onReturn();
    };
    const lost = () => {
      if (!mine) return;
      mine = false;
      // A proxy may refuse upgrades: try the other way after two failures
      // that never opened.
      if (!open && failures % 2 === 1 && 'EventSource' in window) events = !events || !('WebSocket' in window);
      connection = null;
      open = false;
      lostOnce = true;
      again();
    };
    heard.restart();
    try {
      if (events) {
        const source = new EventSource(path);
        source.onopen = opened;
        source.onmessage = (e) => mine && receive(e.data);
        source.onerror = () => {
          source.close();
          lost();
        };
        connection = { close: () => source.close() };
      } else {
        const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
        const socket = new WebSocket(scheme + location.host + path);
        socket.onopen = opened;
        socket.onmessage = (e) => mine && receive(e.data);
        socket.onclose = (e) => {
          // No longer allowed: the page that the server shows now says why.
          if (mine && e.code === 4001) window.setTimeout(() => location.reload(), 1000 + Math.random() * 2000);
          else lost();
        };
        connection = { close: () => socket.close() };
      }
    } catch (_) {
      lost();
      return;
    }
    const close = connection.close;
    connection.close = () => {
      mine = false;
      close();
      connection = null;
      open = false;
    };
  }

  function again() {
    if (timer) return;
    const longest = Math.min(longestRetry, firstRetry * Math.pow(2, failures++));
    // The server spreads its clients itself when it says goodbye.
    const delay = hint || longest * (0.5 + Math.random() / 2);
    hint = 0;
    timer = window.setTimeout(connect, delay);
    report();
  }

  function now() {
    if (timer) window.clearTimeout(timer);
    timer = 0;
    if (connection) connection.close();
    failures = 0;
    connect();
  }

  function report() {
    const age = lag + confirmed.seconds();
    options.onPicture({ connected: open && age < options.staleAfter && heard.seconds() < options.silentAfter, age });
  }

  window.setInterval(() => {
    if (connection && heard.seconds() > options.silentAfter) {
      connection.close();
      again();
    }
    report();
  }, 1000);
  window.addEventListener('online', now);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && lag + confirmed.seconds() > options.staleAfter) now();
  });
  window.addEventListener('pagehide', () => connection && connection.close());
  window.addEventListener('pageshow', (e) => e.persisted && now());
  connect();
  return () => {
    ended = true;
    if (connection) connection.close();
  };
}

/**
 * Keeps the screen on where the browser can, while it is wanted; a page that
 * was hidden asks anew.
 * @param {() => boolean} wanted asked every few seconds
 */
export function keepAwake(wanted) {
  const nav = /** @type {any} */ (navigator);
  if (!nav.wakeLock) return;
  /** @type {any} */
  let lock = null;
  let asking = false;
  const look = () => {
    const want = wanted() && document.visibilityState === 'visible';
    if (lock && lock.released) lock = null;
    if (!want && lock) lock.release();
    if (!want || lock || asking) return;
    asking = true;
    nav.wakeLock.request('screen').then(
      (held) => {
        lock = held;
        asking = false;
      },
      () => {
        asking = false; // refused, on a low battery for one
      },
    );
  };
  document.addEventListener('visibilitychange', look);
  window.setInterval(look, 5000);
  look();
}
