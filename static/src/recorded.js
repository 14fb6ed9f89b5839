import { boot } from './boot.js';
import { byId, show, write } from './dom.js';
import { say } from './words.js';

// A past day instead of a live topic. This module comes before the screen's
// own and gives it a socket that plays the day's frames, at the speed that was
// chosen; the screen itself is the one of the lobby.

/** @typedef {{at: string, version: number, data: any}} Recorded */

const replay = boot.replay;
const beat = 250; // ms between two ticks
const ahead = 20000; // ms of real time that are fetched before they are needed

// What is spoken, and remembered as spoken, is not the live screen's.
const office = 'replay';
try {
  localStorage.removeItem('antrean.announced.' + office);
} catch (_) {
  // nothing is remembered then
}
boot.view.office = office;
if (!replay.sound) {
  boot.spoken = [];
  const silent = /** @type {any} */ (window);
  silent.AudioContext = silent.webkitAudioContext = undefined;
}

/** @type {Array<Recorded>} */
let frames = [];
let next = replay.from; // seconds of the day from which frames are to be fetched
let fetching = false;
let paused = false;
let failed = false;
let version = boot.live.version;

const begin = Date.parse(boot.live.at);
/** How far the replay is, in milliseconds of the day. */
let played = 0;
let last = performance.now();

function fetchMore() {
  if (fetching || next >= replay.end) return;
  fetching = true;
  fetch(replay.frames + '&from=' + next, { credentials: 'same-origin' })
    .then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    })
    .then((more) => {
      frames = frames.concat(more.frames);
      next = more.next;
      failed = false;
    })
    .catch(() => {
      failed = true;
    })
    .then(() => {
      fetching = false;
    });
}

/** The screen's socket. @param {string} _ */
function Recording(_) {
  const socket = this;
  /** @param {Object} frame */
  const send = (frame) => socket.onmessage && socket.onmessage({ data: JSON.stringify(frame) });
  const step = () => {
    const now = performance.now();
    const until = (replay.end - replay.from) * 1000;
    // It waits for frames that are not there yet.
    const known = next >= replay.end ? until : (next - replay.from) * 1000;
    if (!paused) played = Math.min(played + (now - last) * replay.speed, known);
    last = now;
    if (known - played < ahead * replay.speed) fetchMore();
    const at = new Date(begin + played).toISOString().slice(0, 19) + 'Z';
    /** @type {Recorded|null} */
    let shown = null;
    while (frames.length > 0 && Date.parse(frames[0].at) <= begin + played) {
      shown = frames.shift();
      // Each is shown: none of them may swallow a call.
      version = Math.max(version + 1, shown.version);
      shown.data.office = office;
      send({ type: 'snapshot', epoch: boot.live.epoch, version, at: local(at), confirmed: local(at), data: shown.data });
    }
    if (!shown) send({ type: 'tick', epoch: boot.live.epoch, version, at: local(at), confirmed: local(at) });
    const over = played >= until;
    write(byId('replay-state'), over ? say('replay.over') : failed ? say('replay.failed') : '');
    show(byId('pause'), !over);
  };
  this.close = () => window.clearInterval(timer);
  const timer = window.setInterval(step, beat);
  window.setTimeout(() => socket.onopen && socket.onopen(), 0);
}

/** The office's own offset, by which the screen writes its clock. @param {string} utc */
function local(utc) {
  const offset = /([+-])(\d\d):(\d\d)$/.exec(boot.live.at);
  if (!offset) return utc;
  const minutes = (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
  return new Date(Date.parse(utc) + minutes * 60000).toISOString().slice(0, 19) + offset[0];
}

/** @type {any} */ (window).WebSocket = Recording;

const button = byId('pause');
show(button, true);
button.addEventListener('click', () => {
  paused = !paused;
  button.setAttribute('aria-pressed', String(paused));
  write(button, say(paused ? 'replay.resume' : 'replay.pause'));
});
