import { brief, changeRoom, iconButton, row, rows, section, t, toTalk } from '../../kit.js';

/** The pinned messages of a room, newest first. `list` and `told` are where a message may be known from. */
export function pins(room, may, list = [], told = {}) {
  if (!room.pins?.length) return null;
  const lines = [...room.pins].reverse().map((id) => {
    const message = list.find((one) => one.id === id) ?? told[id];
    const words = message ? (message.deleted ? t('deleted') : message.text || message.file?.name) : t('rooms.pinned');
    return row({
      title: words, below: message ? `${message.fromName} · ${brief(message.at)}` : null,
        href: toTalk(`room:${room.id}`, id), attributes: { 'data-key': id },
      actions: [may.has('pin') ? iconButton('close', t('unpin'),
        () => changeRoom('room.unpin', { room: room.id, message: id })) : null],
    });
  });
  return section(t('rooms.pins'), rows(lines));
}
