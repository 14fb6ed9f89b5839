/**
 * One tab works a counter: the one that was opened, or used, last. The others
 * are told.
 * @param {string} counter @param {(mine: boolean) => void} changed
 * @returns {() => void} makes this tab the one
 */
export function claimCounter(counter, changed) {
  const key = 'antrean.counter.' + counter;
  const me = String(Date.now()) + Math.random();
  const claim = () => {
    try {
      localStorage.setItem(key, me);
    } catch (_) {
      // Without storage tabs cannot know of each other; the server still does.
    }
    changed(true);
  };
  window.addEventListener('storage', (e) => {
    if (e.key === key && e.newValue !== me) changed(false);
  });
  claim();
  return claim;
}
