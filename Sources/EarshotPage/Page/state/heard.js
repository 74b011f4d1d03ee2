import { startTalks } from './talks.js';
import { hearMessage, putMessage } from './threads.js';

/** The state after an event of the door (docs/Control.md, "Events"). */
export function heard(state, event) {
  return HEARD[event.event]?.(state, event) ?? state;
}

const message = (state, event) => hearMessage(state, event.message);
const changed = (state, event) => (event.message ? putMessage(state, event.message) : state);
const person = (state, event) => (event.peer ? putPerson(state, event.peer) : state);

const HEARD = {
  message,
  edit: changed,
  delete: changed,
  reaction: changed,
  receipt: changed,
  request: person,
  contact: person,
  peer: person,
  presence: person,
  typing: (state, { peer, room, on }) => typing(state, room ? `room:${room.id}` : peer.person, peer.person, on),
  live: (state, { peer, on, text }) => ({
    ...state,
    live: { ...state.live, [peer.person]: { ...state.live[peer.person], theirs: on, text: text ?? '' } },
  }),
  warning: (state, { warning, peer, cursor }) => ({
    ...putPerson(state, peer),
    warnings: [...state.warnings.slice(-19), { warning, peer, number: `${cursor}-${warning}-${peer.person}` }],
  }),
  room: (state, { room }) => ({ ...state, rooms: { ...state.rooms, [room.id]: room } }),
  offer: (state, { transfer }) => putTransfer(state, transfer),
  transfer: (state, { transfer }) => putTransfer(state, transfer),
  verification: (state, { verification }) => ({
    ...state, verifications: { ...state.verifications, [verification.person]: verification },
  }),
  invitation: (state, event) => ({ ...state, extra: { ...state.extra, invitation: event } }),
  talk: (state, { talk }) => startTalks(state, { talks: [talk] }),
};

function putTransfer(state, transfer) {
  return { ...state, transfers: { ...state.transfers, [transfer.id]: transfer } };
}

/** A person as they are now. Their name counts in their messages from then on. */
function putPerson(state, peer) {
  const before = state.people[peer.person];
  return { ...state, people: { ...state.people, [peer.person]: { ...before, ...without(before, peer), ...peer } } };
}

/** What the door tells by leaving it out: it must not stay from before. */
const GOES = ['petname', 'status', 'idleSince', 'conflict', 'problem', 'looksLike', 'looksLikePerson', 'request',
  'cipher', 'presence', 'via', 'viaPerson'];
const without = (before, peer) =>
  Object.fromEntries(GOES.filter((key) => before?.[key] !== undefined && peer[key] === undefined)
    .map((key) => [key, undefined]));

function typing(state, key, who, on) {
  const people = { ...state.typing[key] };
  if (on) people[who] = Date.now();
  else delete people[who];
  return { ...state, typing: { ...state.typing, [key]: people } };
}
