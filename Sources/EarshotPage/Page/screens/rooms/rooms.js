import { Bound, button, changeRoom, complain, go, group, iconButton, make, redraw, refreshRooms, row, rows, screen,
  section, t, toTalk } from '../../kit.js';
import { roomFace } from '../choose.js';
import { openNewRoom } from './new.js';

const GROUPS = ['invited', 'open', 'joined', 'left'];

/** Rooms: invitations, the open ones of this network, one's own, and those that one left. `#/rooms/new` makes one. */
class Rooms extends Bound {
  select({ rooms, route, prefs }) { return { rooms, route, language: prefs.language }; }

  connectedCallback() {
    super.connectedCallback();
    refreshRooms().catch(complain);
  }

  render({ rooms, route }, before) {
    const groups = group(Object.values(rooms), ({ standing }) => (standing === 'removed' ? 'left' : standing));
    const drawn = GROUPS.filter((name) => groups.has(name)).map((name) => section(t(`rooms.${name}`),
      rows(groups.get(name).sort((a, b) => a.name.localeCompare(b.name)).map(roomRow))));
    redraw(this, screen(t('rooms.title'), drawn.length ? drawn : make('div.empty', {}, make('p', {}, t('rooms.none')),
      button(t('rooms.new'), openNewRoom, 'main')), iconButton('plus', t('rooms.new'), openNewRoom)));
    if (route.id === 'new' && before?.route !== route) this.#new();
  }

  async #new() {
    await openNewRoom();
    if (location.hash === '#/rooms/new') go('#/rooms');
  }
}

function roomRow(room) {
  const { id, name, topic, may, standing } = room;
  const told = standing === 'invited' && room.inviterName ? t('rooms.invitedBy', { name: room.inviterName }) : null;
  return row({
    picture: roomFace(room), title: name, below: [told, topic, kindOf(room)], attributes: { 'data-key': id },
    href: standing === 'joined' ? toTalk(`room:${id}`) : undefined,
    actions: [
      may.includes('join') ? button(t('rooms.join'), () => join(id), 'main small',
        { 'aria-label': `${t('rooms.join')}: ${name}` }) : null,
      may.includes('decline') ? button(t('rooms.decline'), () => changeRoom('room.decline', { room: id }), 'small',
        { 'aria-label': `${t('rooms.decline')}: ${name}` }) : null,
    ],
  });
}

export async function join(room) {
  if (await changeRoom('room.join', { room })) go(toTalk(`room:${room}`));
}

/** What sort of room it is, in a line. */
export function kindOf(room) {
  return [
    t('rooms.people', { n: room.memberCount }),
    room.open ? t('rooms.isOpen') : t('rooms.isClosed'),
    room.announce ? t('rooms.isAnnounce') : null,
  ].filter(Boolean).join(' · ');
}

customElements.define('es-rooms', Rooms);
