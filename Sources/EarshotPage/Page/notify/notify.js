import { go, isMuted, keyOf, store, t, toTalk, unreadCount } from '../kit.js';
import { whatToTell } from './quiet.js';
import { chime } from './sound.js';

const OLD = 60_000;

/** Tells a person of a message that came while they looked elsewhere. Only the tab that leads does so. */
export function notify(message) {
  const { state } = store;
  if (Date.now() - Date.parse(message.arrivedAt ?? message.at) > OLD) return;
  const key = keyOf(message);
  const now = new Date();
  const said = whatToTell({
    message, prefs: state.prefs, muted: isMuted(state, key), minutes: now.getHours() * 60 + now.getMinutes(),
    looked: document.visibilityState === 'visible' && document.hasFocus() && state.route.key === key,
    words: {
      mentioned: message.mentions?.includes(state.me?.id.person), something: t('notify.something'),
      inRoom: t('notify.room', { name: message.fromName, room: message.roomName ?? '' }),
      text: message.file ? t('said.file', { name: message.file.name }) : message.text,
    },
  });
  if (!said) return;
  if (said.sound) chime();
  if (!said.show || !globalThis.Notification || Notification.permission !== 'granted') return;
  const note = new Notification(said.title, { body: said.body, tag: key, icon: 'icon.svg', silent: true });
  note.onclick = () => {
    focus();
    go(toTalk(key));
    note.close();
  };
}

/** The application's badge shows how much is unread, where the browser can. */
export function badge(state) {
  const unread = state.loaded ? unreadCount(state) : 0;
  if (unread) navigator.setAppBadge?.(unread).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}
