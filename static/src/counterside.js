import { officeNow } from './clock.js';
import { boot } from './boot.js';
import { byId, make, refill, show, write } from './dom.js';
import { span } from './format.js';
import { say } from './words.js';

// The right half of the tablet: who waits, who was set aside, and the day.

const lanes = ['priority', 'appointment', 'walkin'];
const rows = 11;
let free = false; // nobody is at the counter
let all = false; // whole lists, for whoever looks for somebody

export function moreOf() {
  all = !all;
}

/** Whole minutes, because seconds in a list only distract. @param {number} ms */
function waited(ms) {
  return say('unit.minutes', { n: Math.max(0, Math.floor(ms / 60000)) });
}

/** @param {any} view @param {boolean} ready */
export function paintSide(view, ready) {
  const now = officeNow();
  free = view.state === 'open' && !view.current;
  const inLane = lanes.map((lane) => view.waiting.filter((t) => t.lane === lane));
  const used = inLane.filter((l) => l.length > 0).length;
  const each = Math.max(3, Math.floor((rows - (view.parked.length > 0 ? 2 : 0)) / Math.max(1, used)));
  const groups = [];
  lanes.forEach((lane, i) => {
    const those = inLane[i];
    if (those.length === 0) return;
    const longest = Math.min.apply(null, those.map((t) => Date.parse(t.since)));
    const draw = (t) => row(t, waited(now - Date.parse(t.since)), ready);
    groups.push(group(say('lane.' + lane), say('counter.lane', { n: those.length, time: waited(now - longest) }), those, all ? those.length : each, draw));
  });
  if (groups.length === 0) groups.push(group(say('counter.waiting'), '', [], 0, null));
  if (view.parked.length > 0) {
    groups.push(
      group(say('counter.parked'), String(view.parked.length), view.parked, 3, (t) => row(t, '', ready, 'return')),
    );
  }
  // A button that is replaced while it is pressed would lose the press.
  const next = make('div');
  refill(next, groups);
  if (next.innerHTML !== byId('lanes').innerHTML) refill(byId('lanes'), groups);
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
  if (shown.length < tickets.length) list.appendChild(rest(say('counter.more', { n: tickets.length - shown.length })));
  else if (all && tickets.length > 3) list.appendChild(rest(say('counter.less')));
  section.appendChild(list);
  return section;
}

/** @param {string} words @returns {HTMLElement} */
function rest(words) {
  const item = make('li', 'more');
  const button = /** @type {HTMLButtonElement} */ (make('button', 'small', words));
  button.type = 'button';
  button.setAttribute('data-act', 'more');
  item.appendChild(button);
  return item;
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
  const item = make('li', ticket.help ? 'asking' : '');
  if (boot.reasons) {
    const button = /** @type {HTMLButtonElement} */ (make('button', 'pick', ticket.number));
    button.type = 'button';
    button.disabled = !ready || !free;
    button.setAttribute('data-act', 'call');
    button.setAttribute('data-ticket', ticket.ticket);
    button.setAttribute('aria-label', say('counter.choose_this', { number: ticket.number }));
    item.appendChild(button);
  } else item.appendChild(document.createTextNode(ticket.number));
  if (ticket.help) item.appendChild(make('strong', 'asks', say('counter.help')));
  if (text) item.appendChild(make('span', '', text));
  if (ticket.help) item.appendChild(small('helped', ticket, ready));
  if (act) item.appendChild(small(act, ticket, ready));
  return item;
}
