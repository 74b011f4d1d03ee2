import { door } from '../door/door.js';
import { complain } from '../elements/toast.js';
import { store } from '../state/store.js';

/** Sends a text. Throws what the door refused: the composer keeps the words then. */
export async function send(key, text, { replyTo, ask } = {}) {
  const params = { to: [key], text };
  if (replyTo) params.replyTo = replyTo;
  if (ask) params.ask = true;
  const [sent] = await door.call('send', params);
  await fresh(sent.id);
  return sent;
}

export async function edit(id, text) {
  await door.call('edit', { id, text });
  await fresh(id, true);
}

export const remove = (id) => attempt(id, 'delete', { id });
export const react = (id, emoji, on) => attempt(id, 'react', { id, emoji, on });
export const acknowledge = (id) => attempt(id, 'acknowledge', { id });
export const remind = (id) => attempt(id, 'remind', { id });

async function attempt(id, method, params) {
  try {
    const answer = await door.call(method, params);
    await fresh(id, true);
    return answer;
  } catch (error) {
    complain(error);
    return null;
  }
}

/** Shows a message as the node has it now; the event that tells it comes too, and changes nothing then. */
async function fresh(id, known = false) {
  const message = await door.call('message', { id });
  store.tell({ kind: 'event', event: { event: known ? 'edit' : 'message', message } });
}
