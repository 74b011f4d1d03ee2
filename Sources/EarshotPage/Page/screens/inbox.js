import { acknowledge, Bound, brief, button, changePerson, changeRoom, icon, make, redraw, refreshInbox, row, rows,
  screen, section, t, toTalk } from '../kit.js';
import { roomFace } from './choose.js';
import { faceOf, whereabouts } from './people/views.js';
import { join } from './rooms/rooms.js';

/** Everything that waits for an answer, in one place. */
class Inbox extends Bound {
  select({ inbox, people, prefs }) { return { inbox, people, language: prefs.language }; }

  connectedCallback() {
    super.connectedCallback();
    refreshInbox();
  }

  render({ inbox, people }) {
    const { requests = [], invitations = [], offers = [], conversations = [] } = inbox ?? {};
    const owed = conversations.flatMap((one) => one.owed);
    const parts = [
      requests.length ? section(t('inbox.requests'), rows(requests.map(requestRow))) : null,
      owed.length ? section(t('inbox.owed'), rows(owed.map(owedRow))) : null,
      invitations.length ? section(t('inbox.invitations'), rows(invitations.map(invitationRow))) : null,
      offers.length ? section(t('inbox.offers'), make('ul.cards', {}, offers.map(offerCard))) : null,
      conversations.some(({ unread }) => unread)
        ? section(t('inbox.unread'),
        rows(conversations.filter(({ unread }) => unread).map((one) => unreadRow(one, people)))) : null,
    ].filter(Boolean);
    redraw(this, screen(t('inbox'), parts.length ? parts
      : make('div.empty', {}, icon('check', 'huge'), make('p', {}, t('inbox.nothing')))));
  }
}

const answer = (deed) => async () => { await deed(); refreshInbox(); };
const named = (words, name) => ({ 'aria-label': `${words}: ${name}` });

const requestRow = (person) => row({
  picture: faceOf(person), title: person.name,
    below: [person.request, person.looksLike ? t('person.looksLike', { other: person.looksLike })
    : whereabouts(person)],
  href: `#/people/${person.person}`, attributes: { 'data-key': person.person },
  actions: [button(t('accept'), answer(() => changePerson('accept', person.person)), 'main small',
    named(t('accept'), person.name)),
    button(t('block'), answer(() => changePerson('block', person.person)), 'small', named(t('block'), person.name))],
});

const owedRow = (message) => row({
  title: message.text, below: [message.fromName, message.roomName, brief(message.at)].filter(Boolean).join(' · '),
    attributes: { 'data-key': message.id },
  href: toTalk(message.room ? `room:${message.room}` : message.from, message.id),
  actions: [button(t('inbox.acknowledge'), answer(() => acknowledge(message.id)), 'main small')],
});

const invitationRow = (room) => row({
  picture: roomFace(room), title: room.name,
    below: [room.inviterName ? t('rooms.invitedBy', { name: room.inviterName }) : null, room.topic],
    attributes: { 'data-key': room.id },
  actions: [button(t('rooms.join'), answer(() => join(room.id)), 'main small', named(t('rooms.join'), room.name)),
    button(t('rooms.decline'), answer(() => changeRoom('room.decline', { room: room.id })), 'small',
      named(t('rooms.decline'), room.name))],
});

const offerCard = ({ id, peer, at, person }) => make('li.card', {},
  make('p.faint', {}, make('a', { href: toTalk(person), dir: 'auto' }, t('transfers.in', { name: peer })), ' · ',
    brief(at)), make('es-file', { 'data-id': id }));

function unreadRow(one, people) {
  const key = one.room ? `room:${one.room}` : one.person;
  return row({
    picture: one.room ? roomFace({ id: one.room, name: one.name }) : faceOf(people[one.person] ?? one), title: one.name,
    below: one.mentions ? t('mentioned') : null, href: toTalk(key), attributes: { 'data-key': key },
    actions: [make('span.badge', { 'aria-label': t('unread', { n: one.unread }) }, String(one.unread))],
  });
}

customElements.define('es-inbox', Inbox);
