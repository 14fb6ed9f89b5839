import { boot } from './boot.js';
import { officeNow } from './clock.js';
import { byId, show, write } from './dom.js';
import { clock, day, interval, span } from './format.js';
import { giveWay, remember } from './kept.js';
import { follow, keepAwake } from './live.js';
import { placeOf } from './place.js';
import { chime, unlock } from './sound.js';
import { offerToTell } from './tell.js';
import { local, say } from './words.js';

// The ticket on a phone: fills the server's page in again with each view.

const inHall = ['waiting', 'called', 'serving', 'parked'];
let view = boot.view;
let live = boot.live;
let came = Date.now();
let ringing = view.state === 'called' ? lastCall() : '';

function lastCall() {
  return view.calls.length > 0 ? view.calls[0].id : '';
}

function paint() {
  const state = view.state;
  const called = state === 'called';
  document.body.setAttribute('data-state', state);
  [].forEach.call(document.querySelectorAll('[data-when]'), (e) =>
    show(e, e.getAttribute('data-when').split(' ').indexOf(view.choose_new_day ? 'choosing' : state) >= 0),
  );
  [].forEach.call(document.querySelectorAll('[data-can]'), (e) => show(e, view.can.indexOf(e.getAttribute('data-can')) >= 0));

  write(byId('number'), view.number);
  byId('number').setAttribute('data-length', String(Math.min(view.number.length, 9)));
  const stage = inHall.indexOf(state) >= 0 ? local(view.stage_name) : '';
  write(byId('service'), local(view.service_name) + (stage ? ' · ' + stage : ''));

  const [label, place] = placeOf(view.counter_name);
  write(byId('counter-label'), label);
  write(byId('counter-place'), place);
  byId('counter-place').setAttribute('data-length', String(Math.min(place.length, 9)));
  const times = called && view.calls.length > 0 ? view.calls[0].times : 0;
  write(byId('again'), times > 1 ? say('ticket.again', { n: times }) : '');

  const plain = state !== 'waiting' && !called && state !== 'booked';
  show(byId('state'), plain);
  write(byId('state-title'), plain ? say('ticket.state.' + state + '.title') : '');
  write(byId('state-text'), plain ? say('ticket.state.' + state + '.text', { counter: view.counter_name }) : '');
  show(byId('late'), view.late);
  show(byId('suspended'), view.suspended && inHall.indexOf(state) >= 0);
  show(byId('withdrawn'), state === 'waiting' && view.calls.length > 0 && !!view.calls[0].withdrawn);
  show(byId('confirmed'), state === 'booked' && view.confirmed);

  const expected = state === 'booked' && !view.late && !!view.slot && !view.choose_new_day;
  show(byId('hour'), expected);
  show(byId('fact-slot'), !!view.slot && !expected && !view.choose_new_day);
  if (!expected) show(byId('later'), false);
  if (view.slot) {
    write(byId('slot'), day(view.slot.start) + ' ' + clock(view.slot.start));
    write(byId('hour-day'), day(view.slot.start));
    write(byId('hour-time'), say('booked.hour', { start: clock(view.slot.start), end: clock(view.slot.end) }));
    write(byId('hour-by'), view.arrive_by ? say('booked.arrive_by', { time: clock(view.arrive_by) }) : '');
  }
  show(byId('help'), view.help);
  show(byId('moved'), !!view.moved_from);
  write(byId('moved'), view.moved_from ? say('ticket.moved', { day: day(view.moved_from) }) : '');
  show(byId('choose-day'), view.choose_new_day);
  show(byId('kept'), view.kept);
  const offer = view.standby_offer;
  show(byId('offer'), !!offer);
  write(byId('offer-day'), offer ? day(offer.slot.start) : '');
  write(byId('offer-slot'), offer ? say('booked.hour', { start: clock(offer.slot.start), end: clock(offer.slot.end) }) : '');
  write(byId('offer-until'), offer ? say('ticket.offer_until', { time: clock(offer.expires) }) : '');
  countDown();
  show(byId('standing-by'), typeof view.standby === 'number');
  const pickup = view.timeline.pickup_from;
  show(byId('fact-pickup'), !!pickup && !view.choose_new_day && !/^(cancelled|no_show|expired)$/.test(view.state));
  write(byId('pickup'), pickup ? say('ticket.pickup_from', { day: day(pickup) }) : '');
  const due = view.timeline.payment_due;
  const unpaid = !!due && state === 'booked' && !view.choose_new_day && Date.parse(due) > officeNow();
  show(byId('fact-payment'), unpaid);
  write(byId('payment'), unpaid ? day(due) + ' ' + clock(due) : '');
  show(byId('fact-party'), view.party.length > 0);
  write(byId('party'), view.party.join(', '));
  paintWait();
  ring(called);
}

/** How long the offered place is still held. */
function countDown() {
  const offer = view.standby_offer;
  const left = offer ? (Date.parse(offer.expires) - officeNow()) / 1000 : 0;
  write(byId('offer-left'), !offer ? '' : left > 0 ? say('ticket.offer_left', { span: span(left) }) : say('ticket.offer_over'));
}

function paintWait() {
  const ahead = view.ahead;
  const aheadWords = ahead === null ? '' : ahead === 0 ? say('ticket.ahead_none') : say('ticket.ahead', { n: ahead });
  write(byId('ahead'), aheadWords);
  show(byId('predicted'), !!view.wait);
  show(byId('unpredicted'), !view.wait);
  let title = view.number;
  if (view.state === 'waiting') title += ' · ' + aheadWords;
  if (view.state === 'called') title = view.counter_name + ' · ' + view.number;
  if (document.title !== title) document.title = title;
  if (!view.wait) return;
  const i = interval(view.wait, officeNow());
  write(byId('wait-main'), i.main);
  write(byId('wait-unit'), i.unit ? say('ticket.unit_more', { unit: i.unit }) : '');
  byId('wait-range').setAttribute('x', i.x + '%');
  byId('wait-range').setAttribute('width', i.width + '%');
  byId('wait-clock').setAttribute('x', i.middle + '%');
  write(byId('wait-clock'), i.when);
  byId('wait-now').setAttribute('display', i.middle < 42 ? 'none' : 'inline');
}

/** Once for each call that this page sees come. @param {boolean} called */
function ring(called) {
  const call = called ? lastCall() : '';
  if (call && call !== ringing) {
    if (navigator.vibrate) navigator.vibrate([400, 150, 400]);
    chime();
  }
  ringing = call;
}

follow({
  staleAfter: 30,
  silentAfter: 35,
  onView(newer, frame) {
    view = newer;
    live = { epoch: frame.epoch, version: frame.version, at: frame.at, confirmed: frame.confirmed || frame.at };
    came = Date.now();
    paint();
  },
  onPicture({ connected, age }) {
    const status = byId('live');
    status.className = connected ? 'live on' : 'live';
    if (connected) write(status, say('live.connected'));
    else if (age < 5) write(status, say('live.connecting'));
    else write(status, say('live.stale', { age: span(age) }));
    const old = !connected && age > 30;
    document.body.classList.toggle('old', old);
    show(byId('unheard'), old);
    write(byId('unheard'), old ? say(inHall.indexOf(view.state) < 0 ? 'ticket.unheard' : 'ticket.unheard_hall', { age: span(age < 60 ? 30 : age - (age % 60)) }) : '');
    if (connected) remember(live, came, view);
  },
});
// A second press of a button while the first is under way would only wait.
document.addEventListener('submit', (e) => {
  // Leaving for a page that cannot come would only lose this one.
  const cut = navigator.onLine === false;
  show(byId('unsent'), cut);
  if (cut) {
    e.preventDefault();
    byId('unsent').scrollIntoView({ block: 'center' });
    return;
  }
  const button = /** @type {HTMLFormElement} */ (e.target).querySelector('button');
  if (button) window.setTimeout(() => (button.disabled = true), 0);
});
window.addEventListener('pageshow', () =>
  [].forEach.call(document.querySelectorAll('button'), (b) => (b.disabled = false)),
);
// Nothing is heard before the page was touched.
['pointerdown', 'keydown'].forEach((kind) => document.addEventListener(kind, unlock, { once: true }));
// A message's link names what it is for: the button is shown, and pressed by hand.
const meant = location.hash ? byId(location.hash.slice(1)) : null;
if (meant && meant.tagName === 'DETAILS') meant.open = true;
paint();
if (meant && !meant.hidden) meant.scrollIntoView({ block: 'center' });
offerToTell();
giveWay();
window.setInterval(countDown, 1000);
// A battery is not spent on a long wait.
keepAwake(() => view.state === 'called' || (view.state === 'waiting' && view.ahead !== null && view.ahead < 4));
