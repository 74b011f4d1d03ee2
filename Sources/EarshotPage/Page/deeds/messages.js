import { door } from '../door/door.js';
import { complain } from '../elements/toast.js';

/** Sends a text. Throws what the door refused: the composer keeps the words then. */
export async function send(key, text, { replyTo, ask } = {}) {
  const params = { to: [key], text };
  if (replyTo) params.replyTo = replyTo;
  if (ask) params.ask = true;
  const [sent] = await door.call('send', params);
  return sent;
}

export async function edit(id, text) {
  await door.call('edit', { id, text });
}

export const remove = (id) => attempt('delete', { id });
export const react = (id, emoji, on) => attempt('react', { id, emoji, on });
export const acknowledge = (id) => attempt('acknowledge', { id });
export const remind = (id) => attempt('remind', { id });

async function attempt(method, params) {
  try {
    return await door.call(method, params);
  } catch (error) {
    complain(error);
    return null;
  }
}

