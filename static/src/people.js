import { byId, show, write } from './dom.js';
import { say } from './words.js';

// The people of the booking form. Who is taken away is kept aside, so that a
// wrong press of the count loses nothing.

/** @type {Array<HTMLElement>} */
const aside = [];

/** @returns {Array<HTMLElement>} */
export const people = () => [].slice.call(document.querySelectorAll('#people > .person'));

/**
 * @param {number} wanted how many people
 * @param {number} without the one to take away, counted from 1; 0: the last ones
 */
export function fitPeople(wanted, without) {
  const list = byId('people');
  const before = people().length;
  if (without) list.removeChild(people()[without - 1]);
  while (people().length > wanted) aside.push(list.removeChild(people()[people().length - 1]));
  while (people().length < wanted) list.appendChild(aside.pop() || blank());
  const all = people();
  all.forEach((person, i) => name(person, i + 1, all.length));
  [].forEach.call(document.querySelectorAll('[name=count]'), (b) =>
    b.setAttribute('aria-pressed', String(Number(b.value) === all.length)),
  );
  if (without) all[Math.min(without, all.length) - 1].querySelector('input').focus();
  else if (all.length > before) all[before].querySelector('input').focus();
}

/** @returns {HTMLElement} */
function blank() {
  return document.importNode(byId('blank').content.querySelector('.person'), true);
}

/** Gives a person's part of the form its place. @param {HTMLElement} person @param {number} n @param {number} of */
function name(person, n, of) {
  write(person.querySelector('h3'), of > 1 ? say('booking.person_n', { n }) : say('booking.person'));
  [].forEach.call(person.querySelectorAll('[id], [for], [aria-describedby]'), (e) =>
    ['id', 'for', 'aria-describedby'].forEach((attribute) => {
      const value = e.getAttribute(attribute);
      if (value) e.setAttribute(attribute, value.replace(/-\d+/g, '-' + n));
    }),
  );
  const remove = /** @type {HTMLElement} */ (person.querySelector('.remove'));
  remove.setAttribute('formaction', '/form?remove=' + n);
  write(remove, say('booking.remove', { n }));
  show(remove, of > 1);
}
