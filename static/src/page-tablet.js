import { byId } from './dom.js';
import { tellHealth } from './health.js';
import { keypad } from './keypad.js';

// Signing in on a tablet: keys for the PIN, because the system's keyboard would
// cover half of the page.

const pin = byId('pin');
if (pin) {
  keypad(byId('keys'), pin, '1234567890');
  byId('pin-form').addEventListener('submit', (e) => {
    // Pressed twice it is one attempt; the next page brings a new form.
    if (byId('pin-form').getAttribute('data-sent')) e.preventDefault();
    byId('pin-form').setAttribute('data-sent', 'yes');
  });
  window.addEventListener('pageshow', () => byId('pin-form').removeAttribute('data-sent'));
}
tellHealth(() => false);
