// What the server wrote into the page: the view of its first paint, where the
// live topic stood then, and the words of the page's language.

const text = document.getElementById('boot').textContent;

/**
 * @type {{lang: string, speed: number, stepped: boolean, words: Object<string, string>,
 *   live: {url: string, epoch: string, version: number, at: string, confirmed: string},
 *   view: any, office?: string, user?: string, timezone?: string}}
 */
export const boot = JSON.parse(text);
