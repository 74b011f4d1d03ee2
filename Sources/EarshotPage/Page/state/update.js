import { heard } from './heard.js';
import { began, putTransfers } from './began.js';
import { changeThread, forgetOld, loadedThread } from './threads.js';
import { startTalks, changeTalk, withWaiting } from './talks.js';

/**
 * The state after an event. Pure: nothing is asked, stored or drawn here.
 * Further folders add their events by `extend(kind, change)`, before the page starts.
 */
export function update(state, event) {
  return CHANGES[event.kind]?.(state, event) ?? state;
}

const CHANGES = {
  door: (state, { state: is, refused, version }) =>
    ({ ...state, door: { ...state.door, state: is, refused: refused ?? state.door.refused,
      version: version ?? state.door.version, began: state.door.began ?? version } }),
  event: (state, { event }) => heard(state, event),
  began,
  talks: startTalks,
  talk: changeTalk,
  thread: loadedThread,
  threadChange: changeThread,
  threadOld: forgetOld,
  transfers: putTransfers,
  route: (state, { route }) => ({ ...state, route, detail: route.keepDetail ? state.detail : false }),
  detail: (state, { open }) => (state.detail === open ? state : { ...state, detail: open }),
  prefs: (state, { prefs }) => ({ ...state, prefs: { ...state.prefs, ...prefs } }),
  inbox: (state, { inbox }) => ({ ...state, inbox, talks: withWaiting(state.talks, inbox) }),
  me: (state, { me }) => ({ ...state, me: { ...state.me, ...me } }),
  person: (state, { person }) => ({ ...state, people: { ...state.people,
    [person.person]: { ...state.people[person.person], ...person } } }),
  room: (state, { room }) => ({ ...state, rooms: { ...state.rooms, [room.id]: room } }),
  live: (state, { person, change }) => ({ ...state, live: { ...state.live,
    [person]: { ...state.live[person], ...change } } }),
  warningSeen: (state, { number }) => ({ ...state, warnings: state.warnings.filter((warning) =>
    warning.number !== number) }),
  extra: (state, { name, change }) => ({ ...state, extra: { ...state.extra,
    [name]: { ...state.extra[name], ...change } } }),
  tick: (state, { now }) => stillTyping(state, now),
};

/** Adds a kind of event. */
export function extend(kind, change) {
  CHANGES[kind] = change;
}

/** How long somebody is shown as typing after they were heard, in ms. */
const TYPING = 8_000;

function stillTyping(state, now) {
  const entries = Object.entries(state.typing);
  const left = entries
    .map(([key, people]) => [key, Object.fromEntries(Object.entries(people).filter(([, at]) => now - at < TYPING))])
    .filter(([, people]) => Object.keys(people).length);
  const same = left.length === entries.length
    && left.every(([key, people]) => Object.keys(people).length === Object.keys(state.typing[key]).length);
  return same ? state : { ...state, typing: Object.fromEntries(left) };
}
