import { make } from './dom.js';
import { say } from './words.js';

// A question before an act that another person would feel, asked in the page.

/** A second tap meant for the button that asked must not answer. */
const doubleTap = 400; // milliseconds

/** @type {HTMLElement|null} */
let box = null;

/** Takes the question away, if one is open. */
export function dismiss() {
  if (box && box.parentNode) box.parentNode.removeChild(box);
  box = null;
}

/**
 * Asks; only one question is open at a time.
 * @param {Element} holder @param {Element|null} before which child of the holder, null for last
 * @param {string} words @param {string} yes the act's words
 * @param {() => void} act
 */
export function askFirst(holder, before, words, yes, act) {
  dismiss();
  const asked = (box = make('div', 'sure'));
  const question = make('p', '', words);
  question.setAttribute('role', 'alert');
  asked.appendChild(question);
  /** @param {string} className @param {string} text @param {() => void} press */
  const button = (className, text, press) => {
    const b = /** @type {HTMLButtonElement} */ (make('button', className, text));
    b.type = 'button';
    b.addEventListener('click', () => {
      dismiss();
      press();
    });
    asked.appendChild(b);
    return b;
  };
  const confirm = button('yes', yes, act);
  confirm.disabled = true;
  window.setTimeout(() => (confirm.disabled = false), doubleTap);
  const keep = button('no', say('counter.leave'), () => {});
  asked.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') dismiss();
  });
  holder.insertBefore(asked, before);
  keep.focus();
}
