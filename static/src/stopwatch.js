/**
 * Two clocks, because one stops while a phone sleeps and the other can be
 * set: what seems older counts.
 */
export function stopwatch() {
  let monotonic = performance.now();
  let wall = Date.now();
  return {
    restart() {
      monotonic = performance.now();
      wall = Date.now();
    },
    seconds: () => Math.max(performance.now() - monotonic, Date.now() - wall) / 1000,
  };
}
