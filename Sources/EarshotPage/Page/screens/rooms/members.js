import { changePerson, changeRoom, confirm, go, iconButton, openMenu, row, t, toTalk } from '../../kit.js';
import { badges, faceOf } from '../people/views.js';

/** A member of a room, with what one may do about them. `known` is who they are outside of it, if they are known. */
export function memberRow(room, may, member, known) {
  const person = { ...known, ...member, presence: known?.presence };
  const role = [
    member.me ? t('you') : null, member.owner ? t('rooms.isOwner') : null, member.writer ? t('rooms.isWriter') : null,
    member.standing === 'invited' ? t('rooms.isInvited') : null,
  ].filter(Boolean).join(' · ');
  return row({
    picture: faceOf(person, 'small'), title: [member.name, member.me ? null : badges(person)], below: role || null,
      attributes: { 'data-key': member.person },
    href: member.me ? '#/profile' : `#/people/${member.person}`,
    actions: [member.me ? null : iconButton('more', t('rooms.memberMenu', { name: member.name }),
      (event) => menu(event.currentTarget, room, may, member), { 'aria-haspopup': 'menu' })],
  });
}

function menu(anchor, room, may, member) {
  const { person: who, name, trust } = member;
  openMenu(anchor, [
    trust === 'accepted' || trust === 'verified'
      ? { text: t('people.write', { name }), icon: 'send', press: () => go(toTalk(who)) }
      : { text: t('accept'), icon: 'check', press: () => changePerson('accept', who) },
    { text: t('rooms.look'), icon: 'person', press: () => go(`#/people/${who}`) },
    may.has('writer') && room.announce && !member.owner
      ? { text: t(member.writer ? 'rooms.noWriter' : 'rooms.makeWriter'), icon: 'edit',
      press: () => changeRoom('room.writer', { room: room.id, who, on: !member.writer }) } : null,
    may.has('transfer') && member.standing === 'joined'
      ? { text: t('rooms.giveRoom'), icon: 'key', press: () => give(room, member) } : null,
    may.has('remove') && !member.owner
      ? { text: t('rooms.remove'), icon: 'close', danger: true, press: () => remove(room, member) } : null,
  ].filter(Boolean));
}

async function give(room, { person: who, name }) {
  if (await confirm(t('rooms.giveTitle', { name }), t('rooms.giveText'), t('rooms.giveRoom'), 'danger')) {
    changeRoom('room.transfer', { room: room.id, who });
  }
}

async function remove(room, { person: who, name }) {
  if (await confirm(t('rooms.removeTitle', { name }), t('rooms.removeText'), t('rooms.remove'), 'danger')) {
    changeRoom('room.remove', { room: room.id, who });
  }
}
