import { dayNumber } from '../kit.js';

/** Words of one person within so many ms belong together. */
const TOGETHER = 5 * 60_000;

/**
 * How messages stand in a thread: {message, day, begins, ends, fresh}. `day`: a new day begins; `begins` and `ends`:
 * the
 * first and last of a group of one person; `fresh`: what was not read yet begins here. Pure.
 */
export function rowsOf(list, unreadFrom) {
  return list.map((message, index) => {
    const before = list[index - 1];
    const after = list[index + 1];
    const day = !before || dayNumber(before.at) !== dayNumber(message.at);
    const fresh = message.id === unreadFrom;
    return {
      message, day, fresh,
      begins: day || fresh || !together(before, message),
      ends: !after || after.id === unreadFrom || dayNumber(after.at) !== dayNumber(message.at)
        || !together(message, after),
    };
  });
}

function together(first, second) {
  return first.from === second.from && Date.parse(second.at) - Date.parse(first.at) < TOGETHER
    && !first.invitation && !second.invitation;
}
