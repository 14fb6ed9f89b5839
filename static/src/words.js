import { boot } from './boot.js';

/**
 * A text for people. An `n` of 1 takes the text's singular if it has one.
 * @param {string} id
 * @param {Object<string, string|number>} [args]
 * @returns {string}
 */
export const say = (id, args) => fill(boot.words, id, args);

/**
 * A text in one of the languages that the page holds besides its own.
 * @param {string} lang
 * @param {string} id
 * @param {Object<string, string|number>} [args]
 * @returns {string}
 */
export const sayIn = (lang, id, args) => fill((boot.others || {})[lang] || boot.words, id, args);

/**
 * @param {Object<string, string>} words
 * @param {string} id
 * @param {Object<string, string|number>} [args]
 */
function fill(words, id, args) {
  let text = words[id];
  if (args && args.n === 1 && words[id + '.one'] !== undefined) text = words[id + '.one'];
  if (text === undefined) return id;
  if (!args) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (args[name] === undefined ? whole : String(args[name])));
}

/** @param {string} id @returns {boolean} */
export const hasWords = (id) => boot.words[id] !== undefined;

/**
 * A configured text in the page's language, else in Indonesian, else in any.
 * @param {Object<string, string>|null|undefined} text
 * @returns {string}
 */
export function local(text) {
  if (!text) return '';
  return text[boot.lang] || text.id || text[Object.keys(text).sort()[0]] || '';
}
