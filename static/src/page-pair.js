import { boot } from './boot.js';
import { byId, show, write } from './dom.js';
import { say } from './words.js';

// Shows a code and waits until somebody accepts it. Nothing has to be pressed.

const pollEvery = 3000; // ms
const kept = 'antrean.pairing';
const kind = boot.kind || 'display';

/** @type {{code: string, kind: string, until: number}|null} the code that is shown */
let shown = null;
try {
  // After a power cut the same code: the one that somebody is just typing.
  shown = JSON.parse(localStorage.getItem(kept) || 'null');
} catch (_) {
  shown = null;
}

function paint() {
  write(byId('code'), shown ? shown.code.slice(0, 3) + ' ' + shown.code.slice(3) : say('pair.asking'));
}

/** @param {string} id words for what is wrong, "" for nothing */
function tell(id) {
  show(byId('say'), id !== '');
  if (id) write(byId('say'), say('pair.' + id));
}

/** @param {string} method @param {any} [body] */
function call(method, body) {
  return fetch('/api/v1/devices/pairing', {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
  }).then((answer) => {
    if (!answer.ok) throw new Error(answer.status === 429 ? 'busy' : 'offline');
    return answer.json();
  });
}

/** A code of its own for each kind, a new one when the last has run out. */
function ask() {
  return call('POST', { kind }).then((said) => {
    shown = { code: said.code, kind, until: Date.now() + (said.expires_in - 30) * 1000 };
    try {
      localStorage.setItem(kept, JSON.stringify(shown));
    } catch (_) {
      // A device without storage shows another code after a power cut.
    }
  });
}

function step() {
  call('GET')
    .then((said) => {
      if (said.paired) {
        try {
          localStorage.removeItem(kept);
        } catch (_) {
          // nothing was kept
        }
        location.replace(said.url);
        return undefined;
      }
      const left = shown && said.waits && shown.kind === kind ? shown.until - Date.now() : 0;
      // A clock that jumped says nothing about the code.
      return left > 0 && left < 3600000 ? undefined : ask();
    })
    .then(() => tell(''), (e) => tell(e.message === 'busy' ? 'busy' : 'offline'))
    .then(() => {
      paint();
      window.setTimeout(step, pollEvery + Math.random() * 1000);
    });
}

paint();
step();
