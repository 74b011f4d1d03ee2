import { store } from '../state/store.js';

/**
 * Addresses: `#/talk/PERSON`, `#/room/ROOM`, `#/talk/PERSON/MESSAGE`, `#/people`, `#/people/PERSON`,
 * `#/settings/PART` …
 * The first word is the `name` of a screen; `key` is the conversation where there is one.
 */
export function parse(hash) {
  const [, name = '', id, part] = hash.replace(/^#/, '').split('/').map(safely);
  if (!name) return { name: 'home' };
  const route = { name, id, part };
  if (name === 'talk' && id) route.key = id;
  if (name === 'room' && id) route.key = `room:${id}`;
  return route;
}

const safely = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The address of a conversation, at a message if one is given. */
export const toTalk = (key, message) =>
  `#/${key.startsWith('room:') ? `room/${key.slice(5)}` : `talk/${key}`}${message ? `/${message}` : ''}`;

export function go(hash) {
  if (location.hash === hash) read();
  else location.hash = hash;
}

export function startRouter() {
  addEventListener('hashchange', read);
  read();
}

function read() {
  const route = parse(location.hash);
  const same = store.state.route.key && store.state.route.key === route.key;
  store.tell({ kind: 'route', route: { ...route, keepDetail: Boolean(same),
    turn: (store.state.route.turn ?? 0) + 1 } });
}
