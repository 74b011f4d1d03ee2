import { door } from '../door/door.js';
import { store } from '../state/store.js';

/** Asks the node for all that the page shows at first. Done again after each time it was away. */
export async function load() {
  const [status, id, presence, profile, peers, contacts, rooms, transfers, inbox] = await door.callAll([
    ['status'], ['id'], ['presence'], ['profile'], ['peers'], ['contacts'], ['room.list', { open: true }],
    ['transfers', { limit: 500 }], ['inbox'],
  ]);
  if (status.error) throw status.error;
  const people = new Map((peers.value ?? []).map((person) => [person.person, person]));
  for (const person of contacts.value ?? []) people.set(person.person, { ...people.get(person.person), ...person });
  store.tell({
    kind: 'began',
    me: { status: status.value, id: id.value, presence: presence.value, profile: profile.value },
    people: [...people.values()], rooms: rooms.value, transfers: transfers.value, inbox: inbox.value,
  });
  await loadTalks();
}

/** The conversations with what was said last. A node that has no `talks` is asked for each. */
async function loadTalks() {
  try {
    store.tell({ kind: 'talks', talks: await door.call('talks') });
  } catch (error) {
    if (error.kind !== 'unknownMethod') throw error;
    await askEach();
  }
}

async function askEach() {
  const { people, rooms, inbox, me } = store.state;
  const keys = [
    ...Object.keys(people).filter((person) => person !== me.id.person),
    ...Object.values(rooms).filter(({ standing }) => standing === 'joined' || standing === 'removed')
      .map(({ id }) => `room:${id}`),
  ];
  const histories = await door.callAll(keys.map((who) => ['history', { who, limit: 1 }]));
  const waiting = new Map((inbox?.conversations ?? []).map((one) => [one.room ? `room:${one.room}` : one.person, one]));
  store.tell({
    kind: 'talks',
    talks: keys.map((who, index) => ({
      who, last: histories[index].value?.[0], unread: waiting.get(who)?.unread ?? 0,
      mentions: waiting.get(who)?.mentions ?? 0,
    })),
  });
}

let due = 0;

/** What waits is asked again a moment after something happened that can change it. */
export function refreshInbox() {
  clearTimeout(due);
  due = setTimeout(async () => {
    try {
      const inbox = await door.call('inbox');
      store.tell({ kind: 'inbox', inbox });
    } catch {
      // Asked again with the next event, or when the node is back.
    }
  }, 150);
}
