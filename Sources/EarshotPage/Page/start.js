import { complain, door, load, loadPrefs, openThread, refreshInbox, resumeLive, startRouter, store } from './kit.js';
import { enter } from './door/enter.js';
import { look, watchSystem } from './app/look.js';
import { titleOf } from './app/app.js';
import { keepShell } from './app/offline.js';
import { listenForKeys } from './app/shortcuts.js';
import { badge, notify } from './notify/notify.js';
import { welcomeOnce } from './screens/first.js';
import { watchVerifications } from './screens/verify/verify.js';
import './talks/talks.js';
import './thread/thread.js';

/** Events after which what waits may be something else. */
const WAITING = new Set(['message', 'request', 'contact', 'offer', 'room', 'receipt']);

loadPrefs();
look(store.state.prefs);
watchSystem(() => look(store.state.prefs));
let { prefs } = store.state;
store.watch((state) => {
  document.title = titleOf(state);
  badge(state);
  if (state.prefs === prefs) return;
  prefs = state.prefs;
  look(prefs);
});

const refused = await enter();
if (refused) store.tell({ kind: 'door', state: 'opening', refused: refused.message });
startRouter();
listenForKeys();
welcomeOnce();
watchVerifications();
door.open((event) => {
  store.tell(event);
  if (event.kind === 'event' && event.event.event === 'message' && door.leads) notify(event.event.message);
  if (event.kind === 'event' && WAITING.has(event.event.event)) refreshInbox();
  if (event.kind === 'door' && event.state === 'open') begin().catch(complain);
});
/** What was asked while the node was away is asked again. */
async function begin() {
  await load();
  keepShell(store.state.door.version);
  resumeLive();
  const { key } = store.state.route;
  if (key && !store.state.threads[key]?.atEnd) await openThread(key);
}

setInterval(() => { if (Object.keys(store.state.typing).length) store.tell({ kind: 'tick', now: Date.now() }); },
  2_000);
