import { door } from '../door/door.js';
import { complain } from '../elements/toast.js';
import { store } from '../state/store.js';

export const tellRoom = (room) => store.tell({ kind: 'room', room });

/** A method of rooms that answers with the room as it is then; throws what the door refused. */
export async function askRoom(method, params) {
  const room = await door.call(method, params);
  tellRoom(room);
  return room;
}

/** The same, and says what was refused. */
export const changeRoom = (method, params) =>
  askRoom(method, params).catch((error) => { complain(error); return null; });

/** Asks for one's rooms and the open ones of this network; members stay as they were known. */
export async function refreshRooms() {
  const list = await door.call('room.list', { open: true });
  for (const room of list) tellRoom({ ...store.state.rooms[room.id], ...room });
}
