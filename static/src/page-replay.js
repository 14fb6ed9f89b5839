import './recorded.js';
import './page-tv.js';
