import { boot } from './boot.js';
import { say } from './words.js';

// Writes times, money and waits; static/format.go writes the same for the
// first paint.

const days = {
  id: ['Minggu', 'Senin', 'Selasa', 'Rabu', 'Kamis', 'Jumat', 'Sabtu'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
};
const months = {
  id: ['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'],
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
};

/** Minutes east of UTC, read from the server's own times, so that no time zone table is needed. */
let offset = 0;
setOffset(boot.live.at);

/** @param {string} iso @returns {number} */
function offsetOf(iso) {
  const found = /([+-])(\d\d):(\d\d)$/.exec(iso || '');
  return found ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) : offset || 0;
}

/** @param {string} iso the server's time of a frame, in the office's offset */
export function setOffset(iso) {
  offset = offsetOf(iso);
}

/** @param {string|number} at @returns {Date} whose UTC fields are the office's */
function inOffice(at) {
  return new Date((typeof at === 'number' ? at : Date.parse(at)) + offset * 60000);
}

/** @param {number} n */
const two = (n) => (n < 10 ? '0' + n : String(n));

/** @param {string|number} at @returns {string} "09.42" */
export function clock(at) {
  const d = inOffice(at);
  return two(d.getUTCHours()) + (boot.lang === 'id' ? '.' : ':') + two(d.getUTCMinutes());
}

/** @param {string|number} at @returns {string} "Senin 24 Nov" */
export function day(at) {
  const d = inOffice(at);
  return days[boot.lang][d.getUTCDay()] + ' ' + d.getUTCDate() + ' ' + months[boot.lang][d.getUTCMonth()];
}

/** @param {number} amount whole rupiah @returns {string} */
export function rupiah(amount) {
  return 'Rp' + String(amount).replace(/\B(?=(\d{3})+$)/g, boot.lang === 'id' ? '.' : ',');
}

/** @param {number} seconds @returns {string} "4 mnt 18 dtk" */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(s / 60);
  if (s < 60) return say('unit.seconds', { n: s });
  if (s < 600 && s % 60) return say('unit.minutes', { n: minutes }) + ' ' + say('unit.seconds', { n: s % 60 });
  if (s < 3600) return say('unit.minutes', { n: minutes });
  const hours = say('unit.hours', { n: Math.floor(s / 3600) });
  return s % 3600 < 60 ? hours : hours + ' ' + say('unit.minutes', { n: minutes % 60 });
}

/** From so many seconds on, what was not measured is said in half hours. */
const longAbout = 45 * 60;

/**
 * A predicted wait, rounded outwards to whole minutes.
 * @param {{p10: number, p50: number, p90: number}} wait seconds
 * @param {number} at the office's time
 */
export function interval(wait, at) {
  const low = Math.floor(wait.p10 / 60);
  const high = Math.ceil(wait.p90 / 60);
  let main = say('wait.range', { a: low, b: high });
  let unit = say('wait.minutes', { n: high });
  if (high <= 1) {
    main = say('wait.soon');
    unit = '';
  } else if (wait.p10 === wait.p90 && wait.p50 > longAbout) {
    const halves = Math.floor((wait.p50 + 900) / 1800);
    main = say('wait.about', { n: Math.floor(halves / 2) + (halves % 2 ? (boot.lang === 'id' ? ',5' : '.5') : '') });
    unit = say('wait.hours', { n: Math.ceil(halves / 2) });
  } else if (wait.p10 === wait.p90) {
    main = say('wait.about', { n: Math.round(wait.p50 / 60) });
  }
  const from = clock(at + wait.p10 * 1000);
  const to = clock(at + wait.p90 * 1000);
  const whole = Math.max(1800, wait.p90 * 1.4);
  const x = (100 * wait.p10) / whole;
  const width = Math.max((100 * wait.p90) / whole - x, 4);
  return {
    main,
    unit,
    when: from === to ? from : from + '–' + to,
    x,
    width,
    middle: Math.min(Math.max(x + width / 2, 20), 80),
  };
}
