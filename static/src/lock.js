import { boot } from './boot.js';
import { byId, show } from './dom.js';
import { stopwatch } from './stopwatch.js';

// A tablet that nobody touches is left by itself: after some minutes it asks for
// the PIN, and at the end of the day it signs off. The counter stays as it is.

const again = 2000; // milliseconds until the server is told once more

/**
 * @param {() => void} hide takes away what only the officer may see
 * @param {() => boolean} over whether the day is, whose end closes the counters
 * @returns {() => void} locks now
 */
export function idleLock(hide, over) {
  const untouched = stopwatch();
  let locked = false;
  for (const type of ['pointerdown', 'touchstart', 'keydown']) document.addEventListener(type, untouched.restart, true);

  /** @param {string} to */
  async function leave(to) {
    if (locked) return;
    locked = true;
    document.body.classList.add('locked');
    hide();
    show(byId('locked'), true);
    for (;;) {
      try {
        const answer = await fetch('/api/v1/session', { method: 'DELETE', credentials: 'same-origin', cache: 'no-store' });
        if (answer.ok || answer.status === 401) return location.replace(to);
      } catch (_) {
        // No network: what is shown is hidden, the session ends later.
      }
      await new Promise((done) => window.setTimeout(done, again));
    }
  }

  const next = encodeURIComponent(location.pathname + location.search);
  const lock = () => leave('/login?locked=1&next=' + next);
  const look = () => {
    if (untouched.seconds() > boot.lock && !over()) lock();
    else if (untouched.seconds() > Math.min(boot.lock, 300) && over()) leave('/login');
  };
  window.setInterval(look, 1000);
  document.addEventListener('visibilitychange', look);
  return lock;
}
