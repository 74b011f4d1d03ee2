import { complain, door, isMuted, markRead, openMenu, setPrefs, store, t } from '../kit.js';

const HOUR = 3_600_000;

/** What may be done with a conversation of the list. */
export function talkMenu(key, anchor) {
  const { state } = store;
  const pinned = state.talks[key]?.pinned || state.prefs.pinned?.includes(key);
  const muted = isMuted(state, key);
  openMenu(anchor, [
    { text: t(pinned ? 'talk.unpin' : 'talk.pin'), icon: 'pin', press: () => setPinned(key, !pinned) },
    ...(muted ? [{ text: t('talk.unmute'), icon: 'bell', press: () => setMuted(key, null) }] : [
      { text: t('talk.muteHour'), icon: 'mute', press: () => setMuted(key, new Date(Date.now() + HOUR).toISOString()) },
      { text: t('talk.mute'), icon: 'mute', press: () => setMuted(key, 'always') },
    ]),
    state.talks[key]?.unread ? { text: t('talk.read'), icon: 'checks', press: () => markRead(key) } : false,
  ].filter((item) => item !== false));
}

/** Tells the node; one that cannot keep it leaves it to this browser. */
async function keep(key, change, otherwise) {
  try {
    store.tell({ kind: 'talks', talks: [await door.call('talk.set', { who: key, ...change })] });
  } catch (error) {
    if (error.kind === 'unknownMethod') otherwise();
    else complain(error);
  }
}

export function setPinned(key, on) {
  const others = (store.state.prefs.pinned ?? []).filter((one) => one !== key);
  return keep(key, { pinned: on }, () => setPrefs({ pinned: on ? [...others, key] : others }));
}

/** `until`: a date-time, `always`, or null for not any more. */
export function setMuted(key, until) {
  const change = { muted: Boolean(until) };
  if (until && until !== 'always') change.until = Date.parse(until);
  return keep(key, change, () => {
    const { [key]: _was, ...others } = store.state.prefs.muted ?? {};
    setPrefs({ muted: until ? { ...others, [key]: until } : others });
  });
}
