/**
 * The whole state of the page, as it is before anything was heard.
 * A conversation's `key` is what the door takes as WHO: a person's id, or `room:` and the id of a room.
 */
export const initial = Object.freeze({
  /** `opening`, `open`, `gone`, `locked`; `refused` in words where a link was used up. */
  door: { state: 'opening' },
  loaded: false,
  /** {status, id, presence, profile} of oneself. */
  me: null,
  /** PersonView by id. */
  people: {},
  /** RoomView by id. */
  rooms: {},
  /** By key: {last: MessageView, unread, mentions, pinned, muted, mutedUntil}, as `talks` of the door has it. */
  talks: {},
  /** By key: {list: [MessageView] in order, atStart, atEnd, loading, unreadFrom}. */
  threads: {},
  /** TransferView by id. */
  transfers: {},
  /** InboxView, or null. */
  inbox: null,
  /** VerificationView by person. */
  verifications: {},
  /** By key: {person: ms of the clock when they last typed}. */
  typing: {},
  /** By person: {theirs, on, text}. */
  live: {},
  /** Warnings of the door that were not put away: [{warning, peer, number}]. */
  warnings: [],
  /** {name, id, part, find}: what the address says. */
  route: { name: 'home' },
  /** Whether the pane of details is open. */
  detail: false,
  /** What is set on this browser; state/prefs.js. */
  prefs: {},
  /** What further screens keep, by their name. */
  extra: {},
});
