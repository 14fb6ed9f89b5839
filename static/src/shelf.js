// Where a kept ticket lies in the browser's cache storage: its page at /t, what
// the page loads, and the last view.

export const shelf = 'ticket';

/** @param {string} link the digest of the ticket's link @returns {string} where its last view lies */
export const last = (link) => '/t/last?link=' + link;
