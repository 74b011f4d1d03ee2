import { complain, confirm, door, iconButton, keyOf, make, openMenu, react, remove, store, t, toast } from '../kit.js';
import { openEmoji } from '../emoji/picker.js';
import { showReceipts } from './receipts.js';

/** What the composer is asked to do: it listens on the document. */
const ask = (what, message) => document.dispatchEvent(new CustomEvent(`earshot-${what}`, { detail: message }));

/** A bar of actions that goes to the row under the pointer, or the one with the focus. */
export function hoverActions(list) {
  const bar = make('div.actions', { role: 'toolbar', 'aria-label': t('message.actions') });
  const row = () => bar.closest('.row');
  bar.append(
    iconButton('smile', t('react'), (event) => pick(row().message, event.currentTarget)),
    iconButton('reply', t('reply'), () => ask('reply', row().message)),
    iconButton('more', t('more'), () => menuOf(row())),
  );
  const show = (event) => {
    const target = event.target.closest?.('.row');
    const bubble = target?.querySelector('.bubble-side');
    if (!bubble || target.message.deleted) return;
    if (bar.parentElement !== bubble) bubble.append(bar);
  };
  list.addEventListener('pointerover', show);
  list.addEventListener('focusin', show);
  list.addEventListener('contextmenu', (event) => {
    const target = event.target.closest('.row');
    if (!target || event.target.closest('a, input, es-file') || !getSelection().isCollapsed) return;
    event.preventDefault();
    menuOf(target, { x: event.clientX, y: event.clientY });
  });
}

const pick = (message, anchor) => openEmoji(anchor, (emoji) => {
  const me = store.state.me?.id.person;
  const had = message.reactions?.some((one) => one.emoji === emoji && one.from === me);
  react(message.id, emoji, !had);
});

/** Everything that can be done with a message. */
export function menuOf(row, at) {
  const { message } = row;
  const anchor = at ?? row.querySelector('.actions .icon-button:last-child') ?? row;
  const room = message.room ? store.state.rooms[message.room] : null;
  const pinned = room?.pins?.includes(message.id);
  openMenu(anchor, [
    message.deleted ? null : { text: t('reply'), icon: 'reply', press: () => ask('reply', message) },
    message.deleted ? null : { text: t('react'), icon: 'smile', press: () =>
      pick(message, row.querySelector('.bubble') ?? row) },
    message.text ? { text: t('copy'), icon: 'copy',
      press: () => navigator.clipboard.writeText(message.text).then(() => toast(t('copied')), complain) } : null,
    message.mine && !message.deleted && !message.file
      ? { text: t('edit'), icon: 'edit', press: () => ask('edit', message) } : null,
    room?.may?.includes('pin') && !message.deleted
      ? { text: t(pinned ? 'unpin' : 'pin'), icon: 'pin', press: () => pin(message, !pinned) } : null,
    { text: t('message.details'), icon: 'info', press: () => showReceipts(message) },
    message.mine && !message.deleted ? { text: t('delete'), icon: 'trash', danger: true, press: () =>
      askToRemove(message) } : null,
  ].filter(Boolean));
}

function pin(message, on) {
  door.call(on ? 'room.pin' : 'room.unpin', { room: message.room, message: message.id })
    .then((room) => store.tell({ kind: 'room', room: { ...store.state.rooms[room.id], ...room } }), complain);
}

async function askToRemove(message) {
  const { person, room } = { person: store.state.people[keyOf(message)], room: message.roomName };
  const text = t('delete.text', { name: room ?? person?.name ?? message.toName });
  if (await confirm(t('delete.title'), text, t('delete'), 'danger')) remove(message.id);
}
