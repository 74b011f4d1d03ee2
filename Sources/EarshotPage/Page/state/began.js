/** The state after the first answers of the door: everything but the messages. */
export function began(state, { me, people, rooms, transfers, inbox }) {
  return {
    ...state,
    loaded: true,
    me,
    people: { ...byId(people, 'person') },
    rooms: byId(rooms, 'id'),
    transfers: { ...state.transfers, ...byId(transfers, 'id') },
    inbox,
  };
}

export const putTransfers = (state, { transfers }) => ({ ...state, transfers: { ...state.transfers, ...byId(transfers, 'id') } });

const byId = (list, key) => Object.fromEntries((list ?? []).map((one) => [one[key], one]));
