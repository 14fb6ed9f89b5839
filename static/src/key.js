/** A fresh idempotency key. @returns {string} */
export function newKey() {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  return [].map.call(bytes, (b) => (b < 16 ? '0' : '') + b.toString(16)).join('');
}
