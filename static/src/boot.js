// What the server wrote into the page: the view of its first paint, where the
// live topic stood then, and the words of the page's language.

const text = document.getElementById('boot').textContent;

/**
 * @type {{lang: string, speed: number, stepped: boolean, words: Object<string, string>,
 *   live: {url: string, epoch: string, version: number, at: string, confirmed: string},
 *   view: any, kind?: string, lock?: number, reasons?: Array<string>, office?: string, user?: string, timezone?: string,
 *   spoken?: Array<string>, voices?: Object<string, string>,
 *   others?: Object<string, Object<string, string>>, device?: string, release?: string, pictures?: Array<string>|null,
 *   screen?: {id: string, name: string, settings: any}|null, link?: string,
 *   replay?: any, kept?: {at: number, seen: number}}} A kept ticket says when, by the phone's
 *   clock, live.at was, and when its view was last known to be current.
 */
export const boot = JSON.parse(text);
