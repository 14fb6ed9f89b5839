import { boot } from './boot.js';
import { command } from './command.js';
import { byId, show, write } from './dom.js';
import { tellHealth } from './health.js';
import { follow, keepAwake } from './live.js';
import { idleLock } from './lock.js';
import { moreOf, paintSide } from './counterside.js';
import { paintCounter, paintTime } from './countercard.js';
import { askFirst, asking, dismiss } from './sure.js';
import { claimCounter } from './tabs.js';
import { span } from './format.js';
import { say } from './words.js';

// The officer's tablet. What is shown comes from the server only: a press
// shows that it is under way, and its answer is the new picture.

const choosing = !byId('act-big');
if (choosing) choose();
else work();
tellHealth(() => false);

/** The list of counters: a press opens one, or asks before taking it over. */
function choose() {
  document.addEventListener('click', (e) => {
    const target = /** @type {Element} */ (e.target).closest('[data-counter]');
    if (!target) return;
    const office = target.getAttribute('data-office');
    const counter = target.getAttribute('data-counter');
    const user = target.getAttribute('data-officer');
    if (document.body.classList.contains('busy')) return;
    if (!user || user === boot.user) take(office, counter, 'open');
    else askFirst(target.parentElement, null, say('counter.take_over_sure', { user }), [{ words: say('counter.take_over'), act: () => take(office, counter, 'take-over'), kind: 'stop' }]);
  });

  /** @param {string} office @param {string} counter @param {string} act */
  function take(office, counter, act) {
    dismiss();
    document.body.classList.add('busy');
    command('POST', path(office, counter) + '/' + act, {}, () => alertWords(say('counter.unsure')), () => sendAgain(document.querySelector('main'), byId('alert').nextSibling)).then((answer) => {
      document.body.classList.remove('busy');
      if (answer.ok) location.assign('/counter?office=' + encodeURIComponent(office) + '&counter=' + encodeURIComponent(counter));
      else if (answer.code === 'unauthenticated') location.reload();
      else alertWords(answer.words);
    });
  }
}

/** @param {string} office @param {string} counter */
function path(office, counter) {
  return '/api/v1/offices/' + encodeURIComponent(office) + '/counters/' + encodeURIComponent(counter);
}

/**
 * A press whose outcome is unknown after ten seconds: only the officer knows
 * whether it is still meant.
 * @param {Element} holder @param {Node|null} before @returns {Promise<boolean>}
 */
function sendAgain(holder, before) {
  alertWords('');
  return new Promise((answer) =>
    askFirst(holder, /** @type {any} */ (before), say('counter.send_again_sure'), [{ words: say('counter.send_again'), act: () => answer(true) }], () => answer(false)),
  );
}

/** @param {string} text "" to take it away */
function alertWords(text) {
  write(byId('alert'), text);
  show(byId('alert'), text !== '');
}

function work() {
  let view = boot.view;
  let at = boot.live; // where in the log the view is from
  let pending = false;
  let here = true;
  let doubt = false; // the last press has not been answered
  let asked = ''; // the officer whom a take-over would send away
  const api = path(boot.office, view.id);

  function paint() {
    const mine = here && view.officer === boot.user;
    if (asked && (view.state === 'closed' || view.officer !== asked)) {
      asked = '';
      dismiss();
    }
    document.body.classList.toggle('busy', pending);
    paintCounter(view, boot.user, mine && !pending);
    paintSide(view, mine && !pending);
  }

  /**
   * @param {string} where the path behind the counter's, or a whole path
   * @param {any} [body]
   */
  function press(where, body) {
    if (pending || !here) return;
    pending = true;
    alertWords('');
    const slow = window.setTimeout(() => pending && alertWords(say('counter.sending')), 500);
    const whole = where.charAt(0) === '/' && where.indexOf('/api/') === 0;
    const sent = command('POST', whole ? where : api + where, body || {}, unsure, () => sendAgain(byId('act-big').parentNode, byId('act-big')));
    paint(); // while it is on its way
    sent.then((answer) => {
      window.clearTimeout(slow);
      pending = doubt = false;
      if (document.body.classList.contains('locked')) return; // and nobody's name comes back
      alertWords('');
      if (answer.ok && answer.body && answer.body.id === view.id && answer.body.waiting) take(answer.body, answer.position);
      if (!answer.ok) {
        if (answer.code === 'unauthenticated') return location.reload();
        const served = body && body.complete && answer.code === 'queue_empty';
        alertWords(served ? say('counter.empty_complete') : answer.words);
      }
      paint();
      if (answer.ok && where === '/close') location.assign('/counter');
    });
  }

  /** An answer may be slower than what the log held next. @param {any} newer @param {string} position "" from a node that does not say */
  function take(newer, position) {
    const [epoch, version] = position.split(':');
    if (position && (epoch !== at.epoch || Number(version) < at.version)) return;
    view = newer;
    if (position) at = { epoch, version: Number(version) };
  }

  function unsure() {
    doubt = true;
    alertWords(say('counter.unsure'));
  }

  /** @param {Element} button of one of those in the lists @param {string} what */
  function pressFor(button, what) {
    press('/api/v1/offices/' + encodeURIComponent(boot.office) + '/tickets/' + encodeURIComponent(button.getAttribute('data-ticket')) + '/' + what);
  }

  function takeOver() {
    asked = view.officer;
    askFirst(byId('act-big').parentNode, byId('act-big'), say('counter.take_over_sure', { user: asked }), [{ words: say('counter.take_over'), act: () => press('/take-over'), kind: 'stop' }]);
  }

  /** Somebody out of turn, for one of the reasons that the log knows. @param {Element} button */
  function choosePerson(button) {
    const ticket = button.getAttribute('data-ticket');
    askFirst(
      byId('act-big').parentNode,
      byId('act-big'),
      say('counter.choose_why', { number: button.textContent }),
      boot.reasons.map((reason) => ({ words: say('counter.reason.' + reason), act: () => press('/call', { ticket, reason }) })),
    );
  }

  const acts = {
    big() {
      const current = view.current;
      if (view.officer !== boot.user && view.state !== 'closed') takeOver();
      else if (view.state !== 'open') press('/open');
      else if (current && current.state === 'called') press('/serve');
      else press('/next', current ? { complete: true } : {});
    },
    recall: () => press('/recall'),
    'no-show': () => press('/no-show'),
    park: () => press('/park'),
    complete: () => press('/complete'),
    undo: () => press('/undo'),
    pause: () => press(view.state === 'paused' ? '/open' : '/pause'),
    close: () => press('/close'),
    /** @param {Element} button */
    transfer: (button) => press('/complete', { transfer_to: button.getAttribute('data-stage') }),
    /** @param {Element} button */
    return: (button) => pressFor(button, 'return'),
    /** @param {Element} button */
    helped: (button) => pressFor(button, 'helped'),
    here: () => claim(),
    call: choosePerson,
    more: () => {
      moreOf();
      paint();
    },
    lock: () => lock(),
  };

  document.addEventListener('click', (e) => {
    const button = /** @type {any} */ (/** @type {Element} */ (e.target).closest('[data-act]'));
    if (!button || button.disabled) return;
    button.blur();
    acts[button.getAttribute('data-act')](button);
  });

  // Space is the large button and never what merely has the focus; Enter is, for
  // whoever goes by the keyboard. A button on a cable or a presenter types one of
  // these, or turns pages.
  document.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || document.body.classList.contains('locked')) return;
    const focused = document.activeElement;
    const onIts = !!focused && focused !== document.body && /^(A|BUTTON|SUMMARY)$/.test(focused.tagName);
    let key = e.key.toLowerCase();
    if (key === 'enter' && onIts) return e.repeat ? e.preventDefault() : undefined;
    if (key === 'spacebar' || key === ' ' || key === 'enter' || key === 'pagedown') key = 'space';
    if (key === 'pageup') key = 'r';
    if (key === 'space' || e.key === 'PageUp') e.preventDefault();
    if (e.repeat || asking()) return;
    const button = [].filter.call(document.querySelectorAll('[data-key]'), (b) => b.getAttribute('data-key') === key && !b.hidden && !b.disabled)[0];
    if (button) button.click();
  });
  document.addEventListener('keyup', (e) => e.key === ' ' && e.preventDefault());

  const leave = follow({
    staleAfter: 30,
    silentAfter: 35,
    onView(newer, frame) {
      if (frame.epoch === at.epoch && frame.version < at.version) return; // an answer was faster
      view = newer;
      at = frame;
      paint();
    },
    onPicture({ connected, age }) {
      const live = byId('live');
      live.className = connected && !doubt ? 'live on' : 'live';
      write(live, say(connected && !doubt ? 'live.connected' : 'live.connecting'));
      const old = !connected && age > 15;
      show(byId('old'), old);
      if (old) write(byId('old'), say('counter.stale', { age: span(age) }));
      paintTime(view, boot.user);
    },
  });

  const claim = claimCounter(boot.office + '/' + view.id, (mine) => {
    here = mine;
    show(byId('second'), !mine);
    paint();
  });
  const lock = boot.lock
    ? idleLock(
        () => {
          leave();
          here = false;
          view = Object.assign({}, view, { current: null });
          paint();
        },
        () => view.phase === 'ended' && !view.current,
      )
    : () => {};
  paint();
  keepAwake(() => view.state !== 'closed');
}
