import { brief, draftOf, face, fill, icon, isMuted, make, nameOf, personFace, t, toTalk, trustSign, whole, whoOf }
  from '../kit.js';
import { talkMenu } from './menu.js';

export function createItem(key) {
  const item = make('li');
  item.addEventListener('contextmenu', (event) => {
    event.preventDefault();
    talkMenu(key, event.button === 2 ? { x: event.clientX, y: event.clientY } : item);
  });
  return item;
}

/** Draws a conversation of the list, where anything that it shows has changed. */
export function changeItem(element, key, state) {
  const { person, room } = whoOf(state, key);
  const talk = state.talks[key] ?? {};
  const chosen = state.route.key === key;
  const draft = chosen ? null : draftOf(key)?.text;
  const pinned = talk.pinned || state.prefs.pinned?.includes(key);
  const muted = isMuted(state, key);
  const typing = Object.keys(state.typing[key] ?? {}).map((id) => state.people[id]?.name).filter(Boolean).join(', ');
  const shown = [person, room, talk, chosen, draft, pinned, muted, typing, state.prefs.language, brief(talk.last?.at)];
  if (element.shown_ && shown.every((part, index) => Object.is(part, element.shown_[index]))) return;
  element.shown_ = shown;
  const name = nameOf(state, key);
  const unread = talk.unread ?? 0;
  fill(element, make('a', { href: toTalk(key), 'aria-current': chosen ? 'page' : null, class: unread && !muted
    ? 'unread' : '' },
    room || key.startsWith('room:') ? face({ id: key.slice(5), name, room: true }) : person ? personFace(person)
      : face({ id: key, name }),
    make('span.talk-words', {},
      make('span.talk-top', {}, make('span.talk-name.one-line', { dir: 'auto' }, name), trustSign(person),
        make('time.faint', { datetime: talk.last?.at, title: talk.last ? whole(talk.last.at) : null },
          brief(talk.last?.at))),
      make('span.talk-last', {},
        make('span.one-line.grow', { dir: 'auto', class: `one-line grow${typing || draft ? ' accent' : ''}` },
          typing ? t('typing.short') : draft ? t('draft', { text: draft }) : lastWords(talk.last, state)),
        pinned ? sign('pin', t('pinned')) : null, muted ? sign('mute', t('muted')) : null,
        talk.mentions ? make('span.badge', { 'aria-label': t('mentioned'), title: t('mentioned') }, '@') : null,
        unread ? make('span', { class: `badge${muted ? ' quiet' : ''}`, 'aria-label': t('unread', { n: unread }) },
          unread > 999 ? '999+' : String(unread)) : null))));
}

const sign = (name, label) => make('span.sign', { role: 'img', 'aria-label': label, title: label },
  icon(name, 'small'));

/** The last words in a conversation, as one line. */
export function lastWords(message, state) {
  if (!message) return '';
  let text = message.text.replace(/\s+/g, ' ').slice(0, 200);
  if (message.deleted) text = t('deleted');
  else if (message.file) text = t('said.file', { name: message.file.name });
  else if (message.invitation) text = t(message.mine ? 'invited.you' : 'invited.them',
    { name: message.invitation.name });
  if (message.mine) return t('said.you', { text });
  return message.room ? t('said.by', { name: state.people[message.from]?.name ?? message.fromName, text }) : text;
}
