import { freshen, freshenEvery, picture } from './fresh.js';

// All offices at a glance, a few seconds old at most.

freshenEvery(10);
window.setInterval(() => picture(navigator.onLine !== false), 1000);
window.addEventListener('online', freshen);
picture(true);
