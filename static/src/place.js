/**
 * "Loket 3" → ["Loket", "3"]; a name without a short end stands alone.
 * @param {string} name @returns {[string, string]}
 */
export function placeOf(name) {
  const parts = /^(.*\S)\s+(\S{1,3})$/.exec(name);
  return parts ? [parts[1], parts[2]] : ['', name];
}
