import { keyOf } from './talks.js';

/** A conversation that nobody looked at yet. */
export const EMPTY_THREAD = Object.freeze({ list: [], atStart: false, atEnd: false, loading: false });

/** How many messages of a conversation are kept at once. What is left out is asked for again. */
const MOST = 600;

/** How a message that was not there yet changes the state: at the end of its thread, and as the last of its talk. */
export function hearMessage(state, message) {
  const key = keyOf(message);
  const thread = state.threads[key];
  if (thread?.list.some(({ id }) => id === message.id)) return putMessage(state, message);
  const talk = state.talks[key];
  const next = {
    ...state,
    talks: { ...state.talks, [key]: { ...talk, last: message, ...counts(talk, message) } },
    typing: quiet(state.typing, key, message.from),
  };
  if (message.mine) next.talks[key].unread = talk?.unread ?? 0;
  if (thread?.atEnd) next.threads = { ...state.threads, [key]: { ...thread, list: insert(thread.list, message) } };
  else if (thread?.loading) next.threads =
    { ...state.threads, [key]: { ...thread, came: [...(thread.came ?? []), message] } };
  if (key !== state.route.key) return forgetOld(next, { key });
  return next;
}

/** What is at the beginning of a long thread goes, for nobody looks at it. */
export function forgetOld(state, { key }) {
  const thread = state.threads[key];
  if (!thread || thread.list.length < 2 * MOST) return state;
  return changeThread(state, { key, change: { list: thread.list.slice(-MOST), atStart: false } });
}

function counts(talk, message) {
  if (message.mine || message.state === 'read') return {};
  return { unread: (talk?.unread ?? 0) + 1 };
}

/** Messages come nearly in order; one that was said before what is here stands before it. */
function insert(list, message) {
  let at = list.length;
  while (at > 0 && at > list.length - 50 && list[at - 1].at > message.at
    && !list[at - 1].mine === !message.mine) at -= 1;
  return [...list.slice(0, at), message, ...list.slice(at)];
}

function quiet(typing, key, person) {
  if (!typing[key]?.[person]) return typing;
  const { [person]: _gone, ...rest } = typing[key];
  return { ...typing, [key]: rest };
}

/** A message as it is now, wherever it is shown. */
export function putMessage(state, message) {
  const key = keyOf(message);
  const thread = state.threads[key];
  const talk = state.talks[key];
  let next = state;
  if (talk?.last?.id === message.id) next =
    { ...next, talks: { ...next.talks, [key]: { ...talk, last: forward(talk.last, message) } } };
  const at = thread ? thread.list.findLastIndex(({ id }) => id === message.id) : -1;
  if (at >= 0) next = { ...next, threads: { ...next.threads, [key]: { ...thread,
    list: thread.list.with(at, forward(thread.list[at], message)) } } };
  return next;
}

const HOW_FAR = ['queued', 'delivered', 'read'];

/** An answer may be older than an event that overtook it: what was delivered or read does not become less. */
function forward(was, is) {
  if (HOW_FAR.indexOf(is.state) >= HOW_FAR.indexOf(was.state)) return is;
  const { state, deliveredAt, readAt, receipts } = was;
  return { ...is, state, deliveredAt, readAt, receipts, reason: undefined, waitsFor: undefined };
}

/**
 * A part of the history came: `place` is `end` (the newest), `before` or `after` what is here, or `middle`; `whole`:
 * there is no more on that side. What is too much is left out on the other side.
 */
export function loadedThread(state, { key, list, place, whole }) {
  const { came = [], ...thread } = state.threads[key] ?? EMPTY_THREAD;
  const known = new Set(thread.list.map(({ id }) => id));
  const fresh = list.filter(({ id }) => !known.has(id));
  // What was said while the newest were asked for may not be among them.
  const ids = new Set(list.map(({ id }) => id));
  const late = came.filter(({ id }) => !ids.has(id) && !known.has(id));
  return changeThread({ ...state, threads: { ...state.threads, [key]: thread } }, { key,
    change: { loading: false, came: [], ...PLACES[place](thread, { list, fresh, late, whole }) } });
}

const PLACES = {
  before: (thread, { fresh, whole }) => {
    const all = [...fresh, ...thread.list];
    return { list: all.slice(0, MOST), atStart: whole, atEnd: thread.atEnd && all.length <= MOST };
  },
  after: (thread, { fresh, late, whole }) => {
    const all = [...thread.list, ...fresh, ...(whole ? late : [])];
    return { list: all.slice(-MOST), atEnd: whole, atStart: thread.atStart && all.length <= MOST };
  },
  middle: (_thread, { list }) => ({ list, atStart: false, atEnd: false }),
  end: (_thread, { list, late, whole }) => ({ list: [...list, ...late], atStart: whole, atEnd: true }),
};

export function changeThread(state, { key, change }) {
  return { ...state, threads: { ...state.threads, [key]: { ...(state.threads[key] ?? EMPTY_THREAD), ...change } } };
}
