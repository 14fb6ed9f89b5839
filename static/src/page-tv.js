import { announcer } from './announcer.js';
import { boot } from './boot.js';
import { fetchVoice } from './clips.js';
import { officeNow, realSecondsSince } from './clock.js';
import { byId, make, refill, show, write } from './dom.js';
import { clock, day, interval, span } from './format.js';
import { brighten, shift, showPictures } from './glass.js';
import { follow, keepAwake } from './live.js';
import { placeOf } from './place.js';
import { pairedScreen } from './screen.js';
import { begin, blocked, pause, setVolume, unlock } from './sound.js';
import { local, say } from './words.js';

// The lobby's screen. Nothing on it is ever touched but "OK" for the sound.

/** After this many seconds the last call no longer is "now". */
const fresh = 90;
const recentCalls = 3;
const offeredNumbers = 5;
/** How many letters a line of the footer holds. */
const lineLength = 98;
const waitingLines = 2;
const renewEvery = 15 * 60000; // ms
const renewAgain = 20000;
const boardRow = 10;
const boardRows = 2;
const shownNext = 5;
const shownStandby = 2;

begin();
const settings = (boot.screen && boot.screen.settings) || {};
let view = shownHere(boot.view);
/** @type {any} the call that is being announced */
let announced = null;
let rotation = 0;
/** Whether what is shown is old: nothing is "now" then. */
let old = false;
/** Whether the page is about to be loaded anew. */
let leaving = false;
let renewal = 0;
const made = madeOf(document);
/** Whether a view is just being taken, which is painted once. */
let receiving = false;
/** @type {Object<string, string>} what the lists hold */
const holds = {};

/**
 * Draws a list anew if it is to hold something else.
 * @param {string} id @param {Array<any>} rows plain values @param {(row: any) => HTMLElement} draw
 */
function list(id, rows, draw) {
  const wanted = JSON.stringify(rows);
  if (holds[id] === wanted) return;
  holds[id] = wanted;
  refill(byId(id), rows.map(draw));
}

/** @param {any} call */
const place = (call) => placeOf(call.counter_name || call.name || call.counter);

/** What of a view this screen is set up to show. @param {any} all */
function shownHere(all) {
  const of = (/** @type {Array<string>|undefined} */ chosen, /** @type {string} */ id) => !chosen || chosen.length === 0 || chosen.indexOf(id) >= 0;
  const services = all.services.filter((s) => of(settings.services, s.id));
  const here = (/** @type {string} */ number) => services.length === all.services.length || services.some((s) => number.indexOf(s.prefix + '-') === 0);
  return Object.assign({}, all, {
    services,
    next: all.next.filter(here),
    standby: all.standby.filter(here),
    offered: (all.offered || []).filter(here),
    calls: all.calls.filter((c) => of(settings.counters, c.counter)),
    counters: all.counters.filter((c) => of(settings.counters, c.id)),
  });
}

/** Says whether the hall hears this screen. */
function look() {
  show(byId('sound'), blocked() && !muted() && settings.sound !== false);
  show(byId('muted'), muted());
  if (muted()) write(byId('muted'), say('tv.muted', { time: clock(view.muted) }));
  screen.look();
}

function standing() {
  return view.calls.filter((c) => !c.withdrawn);
}

function paint() {
  if (receiving) return;
  const calls = standing().filter((c) => c === announced || !voice.pending(c));
  const call = announced || calls[0];
  const isFresh = !old && (!!announced || (!!call && realSecondsSince(call.at) < fresh));
  const working = view.open && !view.suspended;
  const showCall = !!call && (isFresh || working);
  show(byId('now'), showCall);
  show(byId('quiet'), !showCall);
  if (showCall) paintCall(call, isFresh);
  else paintQuiet();

  const usual = view.counters.length > 0 ? placeOf(view.counters[0].name)[0] : say('tv.counter');
  const seen = {};
  if (showCall) seen[call.number] = true;
  const recent = calls.filter((c) => !seen[c.number] && (seen[c.number] = true)).slice(0, recentCalls);
  const rows = recent.map((c) => {
    const [label, name] = place(c);
    return [c.number, label === usual ? '' : label, name];
  });
  list('recent', rows, ([number, label, name]) => {
    const item = make('li');
    const long = label !== '' || number.length + name.length > 8;
    item.appendChild(make('b', '', number));
    if (!label && name.length < 6) item.appendChild(make('span', 'to', '→'));
    const where = make('span', 'where');
    if (label) where.appendChild(make('small', '', label));
    where.appendChild(make('b', name.length < 6 ? '' : 'name', name));
    item.appendChild(where);
    item.setAttribute('data-long', String(long));
    return item;
  });
  show(byId('place-code'), !!view.place_code);
  write(byId('place-code').querySelector('b'), view.place_code || '');
  paintBoard();
  paintTurns();
  paintFooter();
}

/** @param {any} call @param {boolean} isFresh */
function paintCall(call, isFresh) {
  const now = byId('now');
  const [label, name] = place(call);
  now.classList.toggle('past', !isFresh); // the flash of a call stays
  if (!isFresh) now.classList.remove('flash');
  write(byId('now-label'), say(isFresh ? 'tv.number' : 'tv.last_called'));
  write(byId('now-number'), call.number);
  write(byId('now-counter'), label);
  write(byId('now-place'), name);
  byId('now-number').setAttribute('data-length', String(Math.min(call.number.length, 9)));
  byId('now-place').setAttribute('data-length', String(Math.min(name.length, 9)));
}

function paintQuiet() {
  let state = view.phase === 'open' ? (view.open ? 'quiet' : 'closed') : view.phase;
  const waiting = Object.keys(view.waiting).reduce((sum, id) => sum + view.waiting[id], 0);
  if (state === 'quiet' && waiting > 0) state = 'first';
  /** @type {Object<string, string>|null} */
  let args = view.opens ? { time: clock(view.opens), day: day(view.opens) } : null;
  let more = '';
  if (view.suspended) {
    state = 'suspended';
    const why = view.suspension;
    args = why && why.reason ? { reason: why.reason } : null;
    if (why && why.until) more = say('tv.suspended.until', { time: clock(why.until) });
  }
  write(byId('quiet-title'), say('tv.' + state + '.title'));
  const plain = state === 'quiet' || state === 'first';
  write(byId('quiet-text'), plain ? say('tv.' + state + '.text') : args ? say('tv.' + state + '.text', args) : say('tv.' + state + '.plain'));
  write(byId('quiet-more'), more);
}

/** @param {any} service @returns {[string, string]} its name, and who waits how long */
function waiting(service) {
  const n = view.waiting[service.id];
  const wait = view.wait[service.id];
  let text = n > 0 ? say('tv.people', { n }) : say('tv.nobody');
  if (n > 0 && wait) {
    const i = interval(wait, officeNow());
    text += ', ' + i.main + (i.unit ? ' ' + i.unit : '');
  }
  return [local(service.name), text];
}

/** Every counter's number; where there are many, only of those that work, by turns. */
function paintBoard() {
  let counters = view.counters;
  if (counters.length > boardRow) counters = counters.filter((k) => k.state !== 'closed' || k.number);
  const many = counters.length > boardRow;
  const size = boardRow * boardRows;
  const turn = rotation % Math.max(1, Math.ceil(counters.length / size));
  const board = byId('board');
  if (board.classList.contains('many') !== many) board.classList.toggle('many', many);
  const rows = counters
    .slice(turn * size, (turn + 1) * size)
    .map((k) => [k.state, many ? place(k)[1] : k.name, k.number || (k.state === 'closed' ? say('tv.counter_closed') : '–'), k.number.length > 5]);
  list('board', rows, ([state, name, number, long]) => {
    const item = make('li', state);
    item.setAttribute('data-long', String(long));
    item.appendChild(make('span', '', name));
    item.appendChild(make('b', '', number));
    return item;
  });
}

/** Who is next, and who waits for a place that somebody gives back. */
function paintTurns() {
  const next = view.next.slice(0, shownNext).join('  ');
  const standby = some(view.standby, shownStandby).join('  ');
  write(byId('next'), next);
  write(byId('standby'), standby);
  show(byId('next-line'), next !== '');
  show(byId('standby-line'), standby !== '');
  show(byId('turns'), next !== '' || standby !== '');
}

/** The first n numbers, and how many more there are. @param {Array<string>} numbers @param {number} n */
function some(numbers, n) {
  const shown = numbers.slice(0, n);
  return shown.length < numbers.length ? shown.concat('+' + (numbers.length - shown.length)) : shown;
}

/** Two lines of services and one notice at a time; what does not fit takes turns. */
function paintFooter() {
  /** @type {Array<Array<[string, string]>>} */
  const lines = [[]];
  let room = lineLength;
  for (const service of view.services.filter((s) => s.id in view.waiting)) {
    const row = waiting(service);
    const length = row[0].length + row[1].length + 4;
    if (room < length && lines[lines.length - 1].length > 0) {
      lines.push([]);
      room = lineLength;
    }
    room -= length;
    lines[lines.length - 1].push(row);
  }
  const from = waitingLines * (rotation % Math.ceil(lines.length / waitingLines));
  byId('waiting').setAttribute('data-lines', String(Math.min(lines.length, waitingLines)));
  list('waiting', [].concat.apply([], lines.slice(from, from + waitingLines)), ([name, text]) => {
    const item = make('li');
    item.appendChild(make('span', '', name));
    item.appendChild(make('b', '', text));
    return item;
  });
  const notices = view.notices.map(local).filter((n) => n);
  notices.push(say('tv.order'));
  // While places are held for people on standby, theirs is every other turn.
  const offered = offeredWords(view.offered || []);
  const turn = offered ? rotation >> 1 : rotation;
  write(byId('notice'), offered && rotation % 2 === 0 ? offered : notices[turn % notices.length]);
}

/** @param {Array<string>} numbers on standby who were offered a place @returns {string} */
function offeredWords(numbers) {
  if (numbers.length === 0) return '';
  return say('tv.offered', { numbers: some(numbers, blocked() ? 2 : offeredNumbers).join(', ') }); // the button for the sound takes room
}

/** Whether the browser lets this page be heard; it takes a moment to begin. @returns {Promise<boolean>} */
const unblocked = () => (blocked() ? pause(1).then(() => !blocked()) : Promise.resolve(true));

const muted = () => !!view.muted && officeNow() < Date.parse(view.muted);

const voice = announcer(view.office, {
  present(call, flash) {
    announced = call;
    paint();
    if (flash) {
      const now = byId('now');
      now.classList.add('flash');
      now.classList.toggle('again'); // the same under another name begins anew, and nothing is measured for it
    }
  },
  heard: () => !muted() && settings.sound !== false && unblocked().then((is) => is && screen.heard()),
  spoke: () => screen.spoke(),
  languages: () => boot.spoken,
});

const screen = pairedScreen({
  lastSpoken: voice.lastSpoken,
  voice: (last) => voice.takeOver(view.calls, last),
  settings: reloadWhenIdle,
});

/** Not in the middle of an announcement, and not into a browser's page about a missing server. */
function reloadWhenIdle() {
  if (leaving) return;
  leaving = true;
  const again = (/** @type {number} */ ms) =>
    window.setTimeout(() => {
      leaving = false;
      reloadWhenIdle();
    }, ms);
  if (!voice.idle()) again(500);
  else
    served().then(
      () => (voice.idle() ? location.reload() : again(500)),
      () => again(5000),
    );
}

/** What a page of the server's release is made of. @param {Document} page */
function madeOf(page) {
  const { release, pictures, voices } = JSON.parse(page.getElementById('boot').textContent);
  const files = [].map.call(page.querySelectorAll('head link, head script'), (e) => e.getAttribute('href') || e.getAttribute('src'));
  return JSON.stringify([files, release, pictures, voices]);
}

/** The same of the page that the server would send now. */
function served() {
  return fetch(location.href, { cache: 'no-store', credentials: 'same-origin' }).then((answer) => {
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text().then((page) => madeOf(new DOMParser().parseFromString(page, 'text/html')));
  });
}

/**
 * A screen that nobody ever touches takes up a new release, pictures and
 * recordings by itself: when the server comes back, and now and then.
 * @param {number} ms from now
 */
function renewIn(ms) {
  window.clearTimeout(renewal);
  renewal = window.setTimeout(() => {
    renewIn(renewEvery);
    served().then(
      (parts) => parts !== made && reloadWhenIdle(),
      () => renewIn(renewAgain),
    );
  }, ms);
}

follow({
  staleAfter: 8,
  silentAfter: 10,
  onView(newer, frame) {
    view = shownHere(newer);
    write(byId('office'), view.office_name);
    if (muted()) voice.silence();
    receiving = true;
    try {
      voice.offer(view.calls, frame.at, false);
    } finally {
      receiving = false;
    }
    paint();
  },
  // Not all the screens of a country at once.
  onReturn: () => renewIn(1000 + Math.random() * 20000),
  onPicture({ connected, age }) {
    write(byId('clock'), clock(officeNow()));
    const stale = !connected && age >= 8;
    show(byId('stale'), stale);
    document.body.classList.toggle('old', stale);
    if (stale !== old) {
      old = stale;
      paint();
    }
    if (stale) write(byId('stale'), say('tv.stale', { age: span(age) }));
    look();
  },
});

/** The words of the screen take turns as well, where it is set up in several languages. */
function turnLanguage() {
  const lang = boot.spoken[(rotation >> 1) % boot.spoken.length];
  if (boot.spoken.length < 2 || lang === boot.lang) return;
  boot.lang = lang;
  boot.words = boot.others[lang];
  document.documentElement.lang = lang;
  const fixed = document.querySelectorAll('[data-say]');
  for (let i = 0; i < fixed.length; i++) write(fixed[i], say('tv.' + fixed[i].getAttribute('data-say')));
}

window.setInterval(() => {
  rotation++;
  turnLanguage();
  paint();
  brighten(settings.brightness || []);
}, 8000);
brighten(settings.brightness || []);
if (settings.shift) shift();
showPictures();
['click', 'keydown', 'touchend'].forEach((kind) =>
  document.addEventListener(kind, () => {
    unlock();
    window.setTimeout(look, 200);
  }),
);
if (settings.volume !== undefined) setVolume(settings.volume);
if (settings.sound !== false) boot.spoken.forEach(fetchVoice);
if (!boot.replay) renewIn(renewEvery);
voice.offer(view.calls, boot.live.at, true);
paint();
keepAwake(() => true);
