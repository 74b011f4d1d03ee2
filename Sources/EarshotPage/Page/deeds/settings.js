import { door } from '../door/door.js';
import { store } from '../state/store.js';

/** Asks the node for all that is set, and for its rules. */
export async function refreshSettings() {
  const [list, all] = await door.callAll([['settings.list'], ['rules']]);
  if (list.error) throw list.error;
  store.tell({ kind: 'extra', name: 'settings', change: { list: list.value, rules: all.value ?? [] } });
}
