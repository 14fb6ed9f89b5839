import { freshen, freshenEvery, picture } from './fresh.js';
import { follow } from './live.js';

// One office now: whenever its hall changes, the page asks how it looks.

follow({
  staleAfter: 30,
  silentAfter: 35,
  onView: freshen,
  onPicture: ({ connected }) => picture(connected),
});
freshenEvery(30);
