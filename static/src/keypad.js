import { make } from './dom.js';

/**
 * Keys on the screen, for an input that is then not typed in by the system's
 * own keyboard. A keyboard that is plugged in goes on working.
 * @param {HTMLElement} holder its data-erase names the key that erases
 * @param {HTMLInputElement} input @param {string} letters
 */
export function keypad(holder, input, letters) {
  input.setAttribute('inputmode', 'none');
  /** @param {string} name @param {string} className @param {() => void} press */
  const key = (name, className, press) => {
    const button = /** @type {HTMLButtonElement} */ (make('button', className, name));
    button.type = 'button';
    button.addEventListener('click', () => {
      press();
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    holder.appendChild(button);
  };
  for (const letter of letters) {
    key(letter, '', () => {
      if (input.value.length < input.maxLength) input.value += letter;
    });
  }
  key(holder.getAttribute('data-erase'), 'erase', () => (input.value = input.value.slice(0, -1)));
}
