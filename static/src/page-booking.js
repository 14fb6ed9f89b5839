import { boot } from './boot.js';
import { byId, write } from './dom.js';
import { say } from './words.js';
import { fitPeople, people } from './people.js';
import { send, sending, typedOn } from './send.js';

// The booking page works by links and buttons alone. These scripts keep what
// was typed in its place: calendar and hours are exchanged around it, people
// come and go, and the form is sent without leaving the page.

/** @param {string} url @returns {Promise<Document>} */
async function read(url) {
  const answer = await fetch(url, { credentials: 'same-origin', cache: 'no-store', headers: { Accept: 'text/html' } });
  if (!answer.ok) throw new Error('answer ' + answer.status);
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

let asked = 0;

/**
 * Shows another hour, or another part of the calendar.
 * @param {string} link @param {boolean} look whether the person chose to go there
 */
async function choose(link, look) {
  const url = new URL(link, location.href);
  const n = people().length;
  if (n > 1) url.searchParams.set('people', String(n));
  else url.searchParams.delete('people');
  const priority = /** @type {HTMLInputElement} */ (document.querySelector('[name=priority]'));
  if (look && url.searchParams.get('priority')) priority.checked = true; // a link to that lane's hours
  if (priority.checked) url.searchParams.set('priority', '1');
  else url.searchParams.delete('priority');
  const before = hour();
  const turn = ++asked;
  try {
    const page = await read(url.pathname + url.search);
    if (turn !== asked) return; // another choice was made meanwhile
    byId('when').parentNode.replaceChild(page.getElementById('when'), byId('when'));
    if (!sending()) offer(page.getElementById('send'));
    write(byId('trouble'), '');
    // Who pressed the count further down does not see the hour change.
    write(byId('moved'), look || hour() === before ? '' : hour() ? say('booking.hour', { hour: hour() }) : noHour());
    history.replaceState(null, '', url.pathname + url.search);
  } catch (_) {
    write(byId('trouble'), say('booking.lost'));
    byId('trouble').scrollIntoView({ block: 'nearest' });
    return;
  }
  const there = look && byId(url.hash.slice(1));
  if (there) {
    there.focus({ preventScroll: true });
    there.scrollIntoView({ block: 'start' });
  }
  typedOn();
}

/** @returns {string} the hour that would be booked, in words; "" if there is none */
function hour() {
  const card = document.querySelector('#when .hour');
  return card ? card.querySelector('strong').textContent + ', ' + card.querySelector('.time').textContent : '';
}

/** @returns {string} why there is none */
function noHour() {
  const note = document.querySelector('#when .note h3, #when .note p');
  return note ? note.textContent || '' : '';
}

/** Lets the button do what it does on the page that was read. @param {Element|null} button */
function offer(button) {
  const elsewhere = button ? button.getAttribute('formaction') : '/form?earliest=1'; // without an hour it looks again
  write(byId('send'), (button && button.textContent) || say('booking.look_again'));
  if (elsewhere) byId('send').setAttribute('formaction', elsewhere);
  else byId('send').removeAttribute('formaction');
}

/** The address of what is chosen now, for another number of people. */
function here() {
  const field = (/** @type {string} */ name) => {
    const input = document.querySelector('#book [name="' + name + '"]');
    return input ? /** @type {HTMLInputElement} */ (input).value : '';
  };
  let link = '/?office=' + encodeURIComponent(field('office')) + '&service=' + encodeURIComponent(field('service'));
  if (field('chosen') && field('slot')) link += '&slot=' + encodeURIComponent(field('slot'));
  const day = new URL(location.href).searchParams.get('day');
  if (day && byId('calendar')) link += '&day=' + day;
  else if (byId('calendar')) link += '&calendar=1';
  return link;
}

/** @param {Event} e @returns {HTMLElement|null} the link or button that was pressed */
function pressed(e) {
  let element = /** @type {HTMLElement|null} */ (e.target);
  while (element && element !== document.body && !/^(A|BUTTON)$/.test(element.tagName)) element = element.parentElement;
  return element && element !== document.body ? element : null;
}

document.addEventListener('click', (e) => {
  const button = pressed(e);
  const form = byId('book');
  if (!button || !form || !byId('send') || e.ctrlKey || e.metaKey || e.shiftKey) return;
  const when = byId('when');
  const sooner = /** @type {HTMLElement} */ (button.parentElement).className === 'sooner';
  if (when && when.contains(button) && !sooner) {
    e.preventDefault();
    choose(button.getAttribute('data-href') || button.getAttribute('href') || '', true);
    return;
  }
  const typed = [].some.call(form.querySelectorAll('.field input'), (/** @type {HTMLInputElement} */ i) => i.value !== '');
  if (typed && (button.hasAttribute('hreflang') || sooner)) {
    // The same page in another language, or of another office, with what was typed.
    e.preventDefault();
    const link = new URL(/** @type {HTMLAnchorElement} */ (button).href);
    if (sooner) form.elements.namedItem('office').value = link.searchParams.get('office');
    if (sooner && form.elements.namedItem('chosen')) form.elements.namedItem('chosen').value = '';
    form.action = '/form?' + (sooner ? 'earliest=1' : 'lang=' + button.getAttribute('hreflang'));
    form.submit();
    return;
  }
  const remove = /remove=(\d+)/.exec(button.getAttribute('formaction') || '');
  const count = button.getAttribute('name') === 'count';
  if (!remove && !count) return;
  e.preventDefault();
  fitPeople(remove ? people().length - 1 : Number(button.getAttribute('value')), remove ? Number(remove[1]) : 0);
  choose(here(), false);
});

document.addEventListener('submit', (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  if (form.id !== 'book' || !window.fetch) return;
  if (byId('send').hasAttribute('formaction')) return; // there is nothing to book yet
  e.preventDefault();
  send(form);
});

document.addEventListener('input', (e) => {
  const input = /** @type {HTMLInputElement} */ (e.target);
  if (input.name === 'nik') readBack(input);
  typedOn();
});

// Some places are kept for the priority lane.
document.addEventListener('change', (e) => {
  if (/** @type {HTMLInputElement} */ (e.target).name === 'priority') choose(here(), false);
});

/** Says the birth date that a NIK holds, so that a slip of the finger is noticed. @param {HTMLInputElement} input */
function readBack(input) {
  const line = /** @type {Element} */ (input.closest('.person')).querySelector('.born');
  const nik = input.value.replace(/[ .-]/g, '');
  const found = /^\d{6}(\d\d)(\d\d)(\d\d)\d{4}$/.exec(nik);
  let day = '';
  if (found) {
    const date = Number(found[1]) % 40;
    const month = say('date.months').split(' ')[Number(found[2]) - 1];
    const century = Number(found[3]) > new Date().getFullYear() % 100 ? 1900 : 2000;
    if (date >= 1 && date <= 31 && month) day = date + ' ' + month + ' ' + (century + Number(found[3]));
  }
  write(line, day ? say('booking.born', { day }) : '');
}

// Arrows move through the calendar, by day and by week.
document.addEventListener('keydown', (e) => {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7 }[e.key];
  const cell = step && /** @type {HTMLElement} */ (e.target).closest('.calendar td');
  if (!cell) return;
  const cells = [].slice.call(byId('calendar').querySelectorAll('td'));
  for (let i = cells.indexOf(cell) + step; i >= 0 && i < cells.length; i += step) {
    const day = cells[i].querySelector('a, button');
    if (!day) continue;
    e.preventDefault();
    day.focus();
    return;
  }
});

document.documentElement.lang = boot.lang;
