import { officeNow } from './clock.js';
import { byId, make, refill, show, write } from './dom.js';
import { clock, span } from './format.js';
import { hasWords, local, say } from './words.js';

// The left half of the tablet: who is at the counter and what can be done.

/**
 * @param {any} view @param {string} user
 * @param {boolean} ready whether a press would be sent
 */
export function paintCounter(view, user, ready) {
  const current = view.current;
  const taken = view.state !== 'closed' && view.officer !== user;
  const called = !!current && current.state === 'called';
  const serving = !!current && current.state === 'serving';
  const working = view.state === 'open' && !taken;

  write(byId('counter-name'), view.name);
  write(byId('counter-stages'), view.stages.map((s) => local(s.name)).join(', ') || say('counter.all_stages'));
  show(byId('suspended'), view.suspended);

  show(byId('somebody'), !!current);
  show(byId('nobody'), !current);
  if (current) paintSomebody(view, current, called);
  else paintNobody(view, taken);
  show(byId('taken'), !!current && taken);
  show(byId('acts'), !taken);
  if (taken) write(byId('taken'), say('counter.taken', { user: view.officer }));

  enable('recall', ready && working && called);
  enable('no-show', ready && working && called);
  enable('park', ready && working && !!current);
  enable('complete', ready && working && serving);
  enable('pause', ready && !taken && view.state !== 'closed' && !current);
  enable('close', ready && !taken && view.state !== 'closed' && !current);
  show(byId('act-pause'), view.state === 'open' && !taken);
  show(byId('act-close'), view.state !== 'closed' && !taken);
  paintTransfers(serving && current.transfers ? current.transfers : [], ready && working);
  paintBig(view, current, taken, called, ready);
  const undo = byId('act-undo');
  undo.disabled = !ready;
  paintTime(view, user);
}

/** @param {string} act @param {boolean} possible */
function enable(act, possible) {
  byId('act-' + act).disabled = !possible;
}

/** @param {any} view @param {any} current @param {boolean} called */
function paintSomebody(view, current, called) {
  document.body.setAttribute('data-at', current.state);
  const times = current.times || 1;
  write(byId('state'), called ? (times > 1 ? say('counter.called_again', { n: times }) : say('counter.called')) : say('counter.serving'));
  write(byId('number'), current.number);
  byId('number').setAttribute('data-length', String(Math.min(current.number.length, 9)));
  show(byId('help'), !!current.help);
  write(byId('person'), current.erased ? say('counter.erased') : current.name);
  const parts = [local(current.service_name)];
  if (view.stages.length !== 1) parts.push(local(current.stage_name));
  if (current.slot) parts.push(say('counter.scheduled', { time: clock(current.slot.start) }));
  if (current.lane === 'priority') parts.push(say('lane.priority'));
  if (current.arrived) parts.push(say(current.slot ? 'counter.arrived' : 'counter.walked_in', { time: clock(current.arrived) }));
  write(byId('service'), parts.filter((p) => p).join(' · '));
  show(byId('party'), current.party.length > 1);
  write(byId('party'), say('counter.party', { numbers: current.party.join(', ') }));
  const why = current.why ? (hasWords('why.' + current.why) ? say('why.' + current.why) : current.why) : '';
  write(byId('why'), why);
}

/** @param {any} view @param {boolean} taken */
function paintNobody(view, taken) {
  document.body.setAttribute('data-at', 'nobody');
  let title = say('counter.idle');
  let text = view.waiting.length > 0 ? say('counter.idle_text', { n: view.waiting.length }) : say('counter.idle_nobody');
  if (taken) {
    title = say('counter.taken', { user: view.officer });
    text = say('counter.taken_text');
  } else if (view.state === 'paused' || view.state === 'closed') {
    title = say('counter.' + view.state);
    text = say('counter.' + view.state + '_text');
  }
  write(byId('nobody-title'), title);
  write(byId('nobody-text'), text);
}

/** @param {Array<any>} transfers @param {boolean} ready */
function paintTransfers(transfers, ready) {
  const wanted = transfers.map((t) => t.stage).join('|') + ready;
  const holder = byId('transfers');
  if (holder.getAttribute('data-holds') === wanted) return;
  holder.setAttribute('data-holds', wanted);
  refill(
    holder,
    transfers.map((t, i) => {
      const button = /** @type {HTMLButtonElement} */ (make('button', 'act', say('counter.to', { stage: local(t.name) })));
      button.type = 'button';
      button.disabled = !ready;
      button.setAttribute('data-act', 'transfer');
      button.setAttribute('data-stage', t.stage);
      if (i < 3) {
        button.setAttribute('data-key', String(i + 1));
        button.appendChild(make('kbd', '', i + 1));
      }
      return button;
    }),
  );
}

/** The large button is always the next thing to do. */
function paintBig(view, current, taken, called, ready) {
  const big = byId('act-big');
  let words = say('counter.next');
  let below = '';
  let possible = ready;
  if (taken) {
    words = say('counter.take_over');
    possible = !document.body.classList.contains('busy');
  } else if (view.state === 'closed') {
    words = say('counter.open');
    possible = !document.body.classList.contains('busy');
  } else if (view.state === 'paused') words = say('counter.resume');
  else if (called) words = say('counter.serve');
  else if (current) {
    const on = current.transfers && current.transfers.filter((t) => t.next)[0];
    below = on ? say('counter.goes_on', { number: current.number, stage: local(on.name) }) : say('counter.is_done', { number: current.number });
  } else possible = ready && view.waiting.length > 0;
  write(byId('big-words'), words);
  write(byId('big-below'), below);
  big.disabled = !possible;
  // A counter that is taken over by a stray key would be a surprise.
  big.setAttribute('data-key', taken ? '' : 'space');
  show(byId('big-key'), !taken);
}

/** What changes with the clock alone. @param {any} view @param {string} user */
export function paintTime(view, user) {
  const now = officeNow();
  if (view.current) write(byId('since'), span((now - Date.parse(view.current.since)) / 1000));
  const average = view.today.average_seconds;
  write(byId('average'), view.current && view.current.state === 'serving' && average ? say('counter.average', { time: span(average) }) : '');
  const undo = view.officer === user && view.undo && Date.parse(view.undo.until) > now ? view.undo : null;
  show(byId('act-undo'), !!undo);
  if (undo) {
    const id = 'counter.undo.' + undo.what;
    write(byId('undo-words'), say(hasWords(id) ? id : 'counter.undo.any'));
  }
}
