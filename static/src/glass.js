import { boot } from './boot.js';
import { officeNow } from './clock.js';
import { byId } from './dom.js';
import { clock } from './format.js';

// What the panel itself needs: less light in the evening, a picture that does
// not burn in, pictures beside the numbers.

/** @param {Array<{from: string, percent: number}>} steps in the order of the day */
export function brighten(steps) {
  if (steps.length === 0) return;
  const now = clock(officeNow()).replace('.', ':');
  let step = steps[steps.length - 1]; // since yesterday evening
  for (const s of steps) if (s.from <= now) step = s;
  byId('dim').style.opacity = String(1 - step.percent / 100);
}

const shiftEvery = 60000; // ms
/** Where the picture stands, in hundredths of its height: eight places around the middle. */
const places = [[0, 0], [0.4, 0], [0.4, 0.4], [0, 0.4], [-0.4, 0.4], [-0.4, 0], [-0.4, -0.4], [0, -0.4], [0.4, -0.4]];

/** Moves the whole picture a little once a minute. */
export function shift() {
  let turn = 0;
  window.setInterval(() => {
    turn = (turn + 1) % places.length;
    document.body.style.transform = 'translate(' + places[turn][0] + 'rem,' + places[turn][1] + 'rem)';
  }, shiftEvery);
}

const pictureFor = 15000; // ms

/** Shows the pictures one after another; one that cannot be loaded is passed over. */
export function showPictures() {
  const pictures = boot.pictures || [];
  if (pictures.length < 2) return;
  let turn = 0;
  window.setInterval(() => {
    turn = (turn + 1) % pictures.length;
    const next = new Image();
    next.onload = () => {
      byId('picture').src = next.src;
    };
    next.src = pictures[turn];
  }, pictureFor);
}
