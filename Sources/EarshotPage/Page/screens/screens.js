/** Screens by the first word of their address: their element, and the file that defines it. */
const SCREENS = {
  card: ['es-card', './verify/card.js'],
  first: ['es-first', './first.js'],
  gallery: ['es-gallery', './files/gallery.js'],
  inbox: ['es-inbox', './inbox.js'],
  join: ['es-join', './verify/join.js'],
  network: ['es-network', './node/network.js'],
  people: ['es-people', './people/people.js'],
  profile: ['es-profile', './settings/profile.js'],
  rooms: ['es-rooms', './rooms/rooms.js'],
  search: ['es-search', '../search/search.js'],
  settings: ['es-settings', './settings/settings.js'],
  transfers: ['es-transfers', './files/transfers.js'],
};

/** What stands beside a conversation. */
const DETAILS = { room: ['es-room-pane', './rooms/pane.js'], talk: ['es-person', './people/person.js'] };

/** The element of an address, or nothing. Its file is fetched; until it is here the element is empty. */
export const screenOf = (name) => elementOf(SCREENS, name);
export const detailOf = (name) => elementOf(DETAILS, name);

function elementOf(table, name) {
  if (!Object.hasOwn(table, name)) return null;
  const [element, file] = table[name];
  import(file);
  return element;
}
