import { bar, Bound, button, changeRoom, door, facts, go, make, redraw, rows, section, span, store, t, tellRoom }
  from '../../kit.js';
import { roomFace } from '../choose.js';
import { lifetimeChoice } from '../lifetime.js';
import { confirmLeave, renameRoom, setTopic } from './dialogs.js';
import { memberRow } from './members.js';
import { openInvite } from './new.js';
import { pins } from './pins.js';
import { kindOf } from './rooms.js';

/** What stands beside a room: what it is about, who is in it, and what one may do there. */
class RoomPane extends Bound {
  get room_() { return this.dataset.key.slice('room:'.length); }

  select({ rooms, people, extra, threads, prefs }) {
    const room = rooms[this.room_];
    return { room, people, told: extra.pins, list: threads[this.dataset.key]?.list, language: prefs.language };
  }

  connectedCallback() {
    super.connectedCallback();
    this.#fetch();
  }

  #fetch() {
    if (this.asking) return;
    this.asking = true;
    door.call('room.info', { room: this.room_ }).then(tellRoom, () => {}).finally(() => { this.asking = false; });
  }

  render({ room, people, told, list }) {
    if (!room) return;
    if (!room.members && room.standing === 'joined') this.#fetch();
    const may = new Set(room.may);
    const content = [
      make('div.person-head', {}, roomFace(room, 'large'), make('p.person-name', { dir: 'auto' }, room.name),
        make('p.soft', {}, kindOf(room))),
      about(room, may), deeds(room, may), pins(room, may, list, told), members(room, may, people), keeping(room, may),
        ends(room, may),
    ];
    redraw(this, bar(t('details'),
      button(t('close'), () => store.tell({ kind: 'detail', open: false }), 'plain small')),
      make('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t('details') },
        make('div.column', {}, content)));
  }
}

const about = (room, may) => (room.topic || may.has('topic') ? section(t('rooms.topic'),
  make('p', { dir: 'auto', class: room.topic ? '' : 'faint' }, room.topic || t('rooms.noTopic')),
  may.has('topic') ? button(t('rooms.changeTopic'), () => setTopic(room), 'small') : null) : null);

const deeds = (room, may) => make('div.spread.wrap', {},
  may.has('join') ? button(t('rooms.join'), () => changeRoom('room.join', { room: room.id }), 'main') : null,
  may.has('decline') ? button(t('rooms.decline'), () => changeRoom('room.decline', { room: room.id })) : null,
  may.has('invite') ? button(t('rooms.inviteMore'), () => openInvite(room), 'main') : null,
  button(t('gallery.title'), () => go(`#/gallery/room:${room.id}`)));

function members(room, may, people) {
  const here = (room.members ?? []).filter(({ standing }) => standing === 'joined' || standing === 'invited')
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  return here.length ? section(t('rooms.members', { n: here.length }),
    rows(here.map((member) => memberRow(room, may, member, people[member.person])))) : null;
}

const rank = ({ standing, owner, online, me }) => (standing === 'invited' ? 4 : owner ? 0 : me ? 1 : online ? 2 : 3);

function keeping(room, may) {
  const now = room.lifetime ?? 0;
  if (!may.has('lifetime')) {
    return now ? section(t('lifetime.title'), make('p', {}, t('lifetime.after', { time: span(now) }))) : null;
  }
  return section(t('lifetime.title'),
    lifetimeChoice(now, (lifetime) => changeRoom('room.lifetime', { room: room.id, lifetime })),
    make('p.faint', {}, t('lifetime.hint')));
}

const ends = (room, may) => section(t('rooms.about'),
  facts([t('rooms.owner'), room.ownerName],
    [t('rooms.history'), t(room.history === 'all' ? 'rooms.historyAll' : 'rooms.historyFromJoin')],
    [t('rooms.whoInvites'), t(room.ownerInvites ? 'rooms.ownerOnly' : 'rooms.everyMember')]),
  make('div.spread.wrap', {},
    may.has('rename') ? button(t('rooms.rename'), () => renameRoom(room), 'small') : null,
    may.has('leave') ? button(t('rooms.leave'), () => confirmLeave(room), 'small') : null));

customElements.define('es-room-pane', RoomPane);
