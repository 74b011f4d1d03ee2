import { door } from '../door/door.js';
import { complain } from '../elements/toast.js';
import { store } from '../state/store.js';
import { refreshInbox } from './load.js';
import { EMPTY_THREAD } from '../state/threads.js';

/** How many messages are asked for at once. */
const PAGE = 80;
const MOST = 500;

/** What is asked for, by conversation. */
const underWay = new Map();
const threadOf = (key) => store.state.threads[key] ?? EMPTY_THREAD;
const rest = () => new Promise((done) => setTimeout(done, 50));
const change = (key, changed) => store.tell({ kind: 'threadChange', key, change: changed });

/** Loads the newest messages of a conversation, and where the unread ones begin. */
export async function openThread(key) {
  const thread = threadOf(key);
  const unread = store.state.talks[key]?.unread ?? 0;
  if (!thread.atEnd && !thread.loading) await loadEnd(key, Math.min(MOST, unread + PAGE));
  const theirs = threadOf(key).list.filter(({ mine }) => !mine);
  change(key, { unreadFrom: unread ? theirs.at(-Math.min(unread, theirs.length))?.id : undefined });
}

/** Nobody looks at the beginning of what is loaded. */
export const forgetOld = (key) => store.tell({ kind: 'threadOld', key });

/** What is under way comes first: whoever wants the end gets it. */
export async function loadEnd(key, limit = PAGE) {
  // While one waited something else may have been asked for.
  while (threadOf(key).loading) await (underWay.get(key) ?? rest());
  await ask(key, 'end', { limit });
}

export function loadBefore(key) {
  const { list: [first], atStart, loading } = threadOf(key);
  if (first && !atStart && !loading) return ask(key, 'before', { before: first.id, limit: PAGE });
  return null;
}

export function loadAfter(key) {
  const { list, atEnd, loading } = threadOf(key);
  const last = list.at(-1);
  if (last && !atEnd && !loading) return ask(key, 'after', { after: last.id, limit: PAGE });
  return null;
}

function ask(key, place, params) {
  if (threadOf(key).loading) return null;
  const asked = fetchPart(key, place, params);
  underWay.set(key, asked);
  return asked;
}

async function fetchPart(key, place, params) {
  change(key, { loading: true });
  try {
    const list = await door.call('history', { who: key, ...params });
    store.tell({ kind: 'thread', key, list, place, whole: list.length < params.limit });
  } catch (error) {
    change(key, { loading: false });
    complain(error);
  }
}

/** Makes a message part of what is loaded. A node that cannot look around it is asked page by page. */
export async function loadAround(key, id) {
  if (threadOf(key).list.some((message) => message.id === id)) return true;
  try {
    const list = await door.call('history', { who: key, around: id, limit: PAGE });
    if (!list.some((message) => message.id === id)) throw Object.assign(new Error(), { kind: 'badParameters' });
    store.tell({ kind: 'thread', key, list, place: 'middle' });
    return true;
  } catch (error) {
    if (error.kind !== 'badParameters') throw error;
  }
  while (!threadOf(key).atStart) {
    await (loadBefore(key) ?? rest());
    if (threadOf(key).list.some((message) => message.id === id)) return true;
  }
  return false;
}

/** Makes the first message of a day (ms) part of what is loaded; answers with its id. */
export async function loadDay(key, day) {
  const found = () => threadOf(key).list.find(({ at }) => Date.parse(at) >= day)?.id;
  const [first] = threadOf(key).list;
  if (first && Date.parse(first.at) < day) return found();
  try {
    const list = await door.call('history', { who: key, at: day, limit: PAGE });
    store.tell({ kind: 'thread', key, list, place: 'middle' });
    return found();
  } catch (error) {
    if (error.kind !== 'badParameters') throw error;
  }
  while (!threadOf(key).atStart && Date.parse(threadOf(key).list[0]?.at) >= day) await (loadBefore(key) ?? rest());
  return found();
}

/** Says that everything in a conversation was read. */
export async function markRead(key) {
  if (!store.state.talks[key]?.unread) return;
  store.tell({ kind: 'talk', key, change: { unread: 0, mentions: 0 } });
  try {
    await door.call('read', { who: key });
    refreshInbox();
  } catch {
    // It is said again with the next look.
  }
}
