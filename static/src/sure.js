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

/** @returns {boolean} whether a question is open */
export const asking = () => box !== null;

/**
 * Asks; only one question is open at a time.
 * @param {Element} holder @param {Element|null} before which child of the holder, null for last
 * @param {string} words
 * @param {Array<{words: string, act: () => void, kind?: string}>} answers
 * @param {() => void} [leave] after "no"
 */
export function askFirst(holder, before, words, answers, leave) {
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
  const others = answers.map((a) => button('yes ' + (a.kind || ''), a.words, a.act));
  others.forEach((b) => (b.disabled = true));
  window.setTimeout(() => others.forEach((b) => (b.disabled = false)), doubleTap);
  const no = leave || (() => {});
  const keep = button('no', say('counter.leave'), no);
  asked.addEventListener('keydown', (e) => {
    if (e.key !== 'Escape') return;
    dismiss();
    no();
  });
  holder.insertBefore(asked, before);
  keep.focus();
}
