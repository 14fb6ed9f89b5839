import { officeNow } from './clock.js';
import { byId, make, refill, show, write } from './dom.js';
import { span } from './format.js';
import { say } from './words.js';

// The right half of the tablet: who waits, who was set aside, and the day.

const lanes = ['priority', 'appointment', 'walkin'];
const rows = 11;

/** Whole minutes, because seconds in a list only distract. @param {number} ms */
function waited(ms) {
  return say('unit.minutes', { n: Math.max(0, Math.floor(ms / 60000)) });
}

/** @param {any} view @param {boolean} ready */
export function paintSide(view, ready) {
  const now = officeNow();
  const inLane = lanes.map((lane) => view.waiting.filter((t) => t.lane === lane));
  const used = inLane.filter((l) => l.length > 0).length;
  const each = Math.max(3, Math.floor((rows - (view.parked.length > 0 ? 2 : 0)) / Math.max(1, used)));
  const groups = [];
  lanes.forEach((lane, i) => {
    const all = inLane[i];
    if (all.length === 0) return;
    const longest = Math.min.apply(null, all.map((t) => Date.parse(t.since)));
    const draw = (t) => row(t, waited(now - Date.parse(t.since)), ready);
    groups.push(group(say('lane.' + lane), say('counter.lane', { n: all.length, time: waited(now - longest) }), all, each, draw));
  });
  if (groups.length === 0) groups.push(group(say('counter.waiting'), '', [], 0, null));
  if (view.parked.length > 0) {
    groups.push(
      group(say('counter.parked'), String(view.parked.length), view.parked, 3, (t) => row(t, '', ready, 'return')),
    );
  }
  refill(byId('lanes'), groups);
  write(byId('served'), view.today.served);
  show(byId('average-box'), view.today.average_seconds > 0);
  write(byId('average-today'), span(view.today.average_seconds));
}

/** @returns {HTMLElement} */
function group(title, summary, tickets, most, draw) {
  const section = make('section', 'lane');
  const head = make('h2', '', title);
  head.appendChild(make('span', '', summary));
  section.appendChild(head);
  if (tickets.length === 0) {
    section.appendChild(make('p', '', say('counter.nobody')));
    return section;
  }
  const list = make('ol');
  // Who asked for help is listed however long the list is.
  let room = (tickets.length > most ? most - 1 : tickets.length) - tickets.filter((t) => t.help).length;
  const shown = tickets.filter((t) => t.help || room-- > 0);
  shown.forEach((t) => list.appendChild(draw(t)));
  if (shown.length < tickets.length) list.appendChild(make('li', 'more', say('counter.more', { n: tickets.length - shown.length })));
  section.appendChild(list);
  return section;
}

/** @param {string} act @param {any} ticket @param {boolean} ready @returns {HTMLElement} */
function small(act, ticket, ready) {
  const button = /** @type {HTMLButtonElement} */ (make('button', 'small', say('counter.' + act)));
  button.type = 'button';
  button.disabled = !ready;
  button.setAttribute('data-act', act);
  button.setAttribute('data-ticket', ticket.ticket);
  button.setAttribute('aria-label', ticket.number + ': ' + button.textContent);
  return button;
}

/**
 * @param {any} ticket @param {string} text @param {boolean} ready
 * @param {string} [act] what can be done about everybody of this list
 */
function row(ticket, text, ready, act) {
  const item = make('li', ticket.help ? 'asking' : '', ticket.number);
  if (ticket.help) item.appendChild(make('strong', 'asks', say('counter.help')));
  if (text) item.appendChild(make('span', '', text));
  if (ticket.help) item.appendChild(small('helped', ticket, ready));
  if (act) item.appendChild(small(act, ticket, ready));
  return item;
}
