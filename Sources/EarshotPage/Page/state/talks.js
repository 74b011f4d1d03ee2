/** The conversation a message belongs to. */
export function keyOf(message) {
  if (message.room) return `room:${message.room}`;
  return message.mine ? message.to : message.from;
}

/** {person} or {room}: whom a key means. */
export function whoOf(state, key) {
  if (key?.startsWith('room:')) return { room: state.rooms[key.slice(5)] };
  return { person: state.people[key] };
}

/** What a conversation is called. */
export function nameOf(state, key) {
  const { person, room } = whoOf(state, key);
  return room?.name ?? person?.name ?? state.talks[key]?.name ?? '…';
}

/** The list of conversations came from the door. */
export function startTalks(state, { talks }) {
  const merge = (before, talk) => ({ ...before, pinned: false, muted: false, mutedUntil: undefined, ...talk,
    ...(before?.last && before.last.at > (talk.last?.at ?? '') ? { last: before.last } : {}) });
  const fresh = Object.fromEntries(talks.map((talk) => [talk.who, merge(state.talks[talk.who], talk)]));
  return { ...state, talks: { ...state.talks, ...fresh } };
}

/** The inbox counts what is unread; the list shows what it says. */
export function withWaiting(talks, inbox) {
  const waiting = new Map(inbox.conversations.map((one) => [one.room ? `room:${one.room}` : one.person, one]));
  const differs = ([key, talk]) => (talk.unread ?? 0) !== (waiting.get(key)?.unread ?? 0)
    || (talk.mentions ?? 0) !== (waiting.get(key)?.mentions ?? 0);
  const changed = Object.entries(talks).filter(differs)
    .map(([key, talk]) => [key, { ...talk, unread: waiting.get(key)?.unread ?? 0, mentions: waiting.get(key)?.mentions
      ?? 0 }]);
  return changed.length ? { ...talks, ...Object.fromEntries(changed) } : talks;
}

export function changeTalk(state, { key, change }) {
  return { ...state, talks: { ...state.talks, [key]: { ...state.talks[key], ...change } } };
}

/** Whether somebody is one whom one talks with: known, and not put away. */
const isKnown = (person) => ['accepted', 'verified', 'conflict'].includes(person.trust);

/** Keys of the conversations, as they are listed: pinned ones first, then by when something was last said. */
export function listedKeys(state, filter = '') {
  const { pinned = [] } = state.prefs;
  const me = state.me?.id?.person;
  const keys = [
    ...Object.values(state.people).filter((person) => person.person !== me
      && (isKnown(person) || state.talks[person.person]?.last))
      .filter((person) => person.trust !== 'blocked').map(({ person }) => person),
    ...Object.values(state.rooms).filter(({ standing }) => standing === 'joined' || standing === 'removed')
      .map(({ id }) => `room:${id}`),
  ];
  const words = filter.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const isPinned = (key) => (state.talks[key]?.pinned || pinned.includes(key) ? 1 : 0);
  return keys
    .filter((key) => words.every((word) => nameOf(state, key).toLocaleLowerCase().includes(word)))
    .sort((a, b) => isPinned(b) - isPinned(a) || lastAt(state, b).localeCompare(lastAt(state, a))
      || nameOf(state, a).localeCompare(nameOf(state, b)));
}

const lastAt = (state, key) => state.talks[key]?.last?.at ?? '';

/** How many unread messages there are in all that is not muted. */
export function unreadCount(state) {
  return Object.entries(state.talks).reduce((sum, [key, talk]) => sum + (isMuted(state, key) ? 0 : talk.unread ?? 0),
    0);
}

/** Whether a conversation says nothing by itself. */
export function isMuted(state, key, now = Date.now()) {
  const { muted, mutedUntil } = state.talks[key] ?? {};
  if (muted) return !mutedUntil || Date.parse(mutedUntil) > now;
  const until = state.prefs.muted?.[key];
  return until === 'always' || Date.parse(until) > now;
}
