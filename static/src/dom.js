/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/**
 * Writes only what differs, so that nothing is announced twice by a screen
 * reader and no animation restarts.
 * @param {Element|null} element @param {string|number} text
 */
export function write(element, text) {
  const wanted = String(text);
  if (element && element.textContent !== wanted) element.textContent = wanted;
}

/** @param {HTMLElement|null} element @param {boolean} shown */
export function show(element, shown) {
  if (element && element.hidden === shown) element.hidden = !shown;
}

/**
 * @param {string} tag @param {string} [className] @param {string|number} [text]
 * @returns {HTMLElement}
 */
export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = String(text);
  return element;
}

/** @param {Element} parent @param {Array<Node>} children */
export function refill(parent, children) {
  while (parent.firstChild) parent.removeChild(parent.firstChild);
  for (const child of children) parent.appendChild(child);
}
