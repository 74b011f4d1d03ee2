import { draftOf } from './drafts.js';
import { door } from '../door/door.js';
import { complain } from '../elements/toast.js';
import { store } from '../state/store.js';

const AGAIN = 4_000;
const ACTIVE = 60_000;
const LIVE = 150;
const told = { key: null, at: 0 };
let active = 0;
let pending = 0;

const quietly = (method, params) => door.call(method, params).catch(() => {});

/** Somebody writes in the composer: the other is told, at most every few seconds, and live text goes along. */
export function writes(key, text) {
  const now = Date.now();
  if (now - active > ACTIVE) {
    active = now;
    quietly('presence.active');
  }
  if (text && (told.key !== key || now - told.at > AGAIN)) {
    Object.assign(told, { key, at: now });
    quietly('typing', { who: key, on: true });
  }
  if (!text) rests(key);
  if (store.state.live[key]?.on) {
    clearTimeout(pending);
    pending = setTimeout(() => quietly('draft', { who: key, text }), LIVE);
  }
}

/** They write no more. */
export function rests(key) {
  if (told.key !== key) return;
  Object.assign(told, { key: null, at: 0 });
  quietly('typing', { who: key, on: false });
}

/** What the node forgot when it was away is switched on again. */
export function resumeLive() {
  for (const [person, { on }] of Object.entries(store.state.live)) if (on) setLive(person, true).catch(complain);
}

/** Switches live text with a person on or off. */
export async function setLive(person, on) {
  const answer = await door.hold('live', { who: person, on });
  if (!on) door.release('live', person);
  store.tell({ kind: 'live', person, change: { on: answer.on, theirs: answer.theirs, ...(on ? {} : { text: '' }) } });
  const text = on && draftOf(person)?.text;
  if (text) quietly('draft', { who: person, text });
}
