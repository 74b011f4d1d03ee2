import { askRoom, choice, complain, field, go, make, t, toggle, toTalk } from '../../kit.js';
import { askForm } from '../ask.js';
import { peopleToChoose } from '../choose.js';

/** Asks for all that a new room is, makes it, and goes there. */
export async function openNewRoom() {
  const chosen = new Set();
  const is = { open: false, announce: false, ownerInvites: false, history: 'all' };
  const name = make('input.input',
    { autofocus: true, required: true, maxlength: 64, autocomplete: 'off', dir: 'auto' });
  const room = await askForm({
    title: t('rooms.new'), done: t('rooms.make'),
    content: [
      field(t('rooms.name'), name),
      peopleToChoose({ chosen, label: t('rooms.invitePeople') }),
      make('details.more', {}, make('summary', {}, t('rooms.options')), make('div.stack', {},
        toggle(t('rooms.optionOpen'), is.open, (on) => { is.open = on; }),
        toggle(t('rooms.optionAnnounce'), is.announce, (on) => { is.announce = on; }),
        toggle(t('rooms.optionOwnerInvites'), is.ownerInvites, (on) => { is.ownerInvites = on; }),
        field(t('rooms.history'),
          choice([['all', t('rooms.historyAll')], ['from-join', t('rooms.historyFromJoin')]], is.history,
          (value) => { is.history = value; })))),
    ],
    save: () => askRoom('room.create', { name: name.value.trim().replace(/^#/, ''), ...is }),
  });
  if (!room) return;
  if (chosen.size) await askRoom('room.invite', { room: room.id, who: [...chosen] }).catch(complain);
  go(toTalk(`room:${room.id}`));
}

/** Asks whom to invite to a room that is there. */
export function openInvite(room) {
  const chosen = new Set();
  const members = (room.members ?? []).filter(({ standing }) => standing === 'joined' || standing === 'invited');
  return askForm({
    title: t('rooms.inviteTo', { name: room.name }), done: t('rooms.invite'),
    content: peopleToChoose({ chosen, without: new Set(members.map(({ person }) => person)),
      label: t('people.contacts') }),
    save: async () => {
      if (!chosen.size) throw new Error(t('choose.nobody'));
      return askRoom('room.invite', { room: room.id, who: [...chosen] });
    },
  });
}
