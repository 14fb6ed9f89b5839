import { boot } from './boot.js';

// The office's clock as the server tells it, carried on between frames.

const real = boot.speed || 1;
let base = Date.parse(boot.live.at);
let since = performance.now() - (boot.kept ? Math.max(0, Date.now() - boot.kept.at) : 0);

/** @param {string} at the server's time of a frame */
export function setClock(at) {
  base = Date.parse(at);
  since = performance.now();
}

/** @returns {number} the office's time in milliseconds since 1970 */
export function officeNow() {
  return boot.stepped ? base : base + (performance.now() - since) * real;
}

/**
 * How many real seconds ago something was, by the office's clock.
 * @param {string} at @param {string} [by] the office's time to compare with, now if absent
 */
export function realSecondsSince(at, by) {
  const until = by ? Date.parse(by) : officeNow();
  return boot.stepped ? 0 : Math.max(0, (until - Date.parse(at)) / 1000 / real);
}
