const SCREENS = new Map();

/** Adds a screen: `name` is the first word of its address; `element` the name of its custom element. */
export function addScreen(name, element) {
  SCREENS.set(name, element);
}

/** The custom element of an address, or nothing. */
export const screenOf = (name) => SCREENS.get(name);

/** What stands beside a conversation, by `room` or `talk`: added by the screens of rooms and people. */
export const details = { room: null, talk: null };
