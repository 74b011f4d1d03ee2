import { withWaiting } from './talks.js';

/** The state after the first answers of the door: everything but the messages. */
export function began(state, { me, people, rooms, transfers, inbox }) {
  return {
    ...state,
    loaded: true,
    me,
    people: { ...byId(people, 'person') },
    rooms: byId(rooms, 'id'),
    transfers: putTransfers(state, { transfers }).transfers,
    inbox,
    talks: inbox ? withWaiting(known(state.talks, inbox), inbox) : state.talks,
  };
}

/** Conversations in which something waits are known before the list of them is here. */
const known = (talks, inbox) => Object.fromEntries([...inbox.conversations.map((one) =>
  [one.room ? `room:${one.room}` : one.person, {}]),
  ...Object.entries(talks)]);

/** A list may be older than an event that overtook it: what is complete stays so. */
export const putTransfers = (state, { transfers }) => {
  const fresh = (transfers ?? []).filter(({ id, state: is }) =>
    is === 'complete' || state.transfers[id]?.state !== 'complete');
  return { ...state, transfers: { ...state.transfers, ...byId(fresh, 'id') } };
};

const byId = (list, key) => Object.fromEntries((list ?? []).map((one) => [one[key], one]));
