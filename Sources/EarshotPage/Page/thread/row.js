import { acknowledge, button, clock, day, face, fill, go, icon, make, personFace, remind, store, t, toTalk, trustSign,
  whole } from '../kit.js';
import { reactions } from './reactions.js';
import { styled } from './styled.js';
import { stateInWords, tick } from './ticks.js';

/** An element for a row of rows.js; `change` brings it up to date, and does nothing where nothing changed. */
export function createRow() {
  return make('div.row', { role: 'listitem', tabindex: '-1' });
}

export function changeRow(element, row, lastOwn) {
  const { message } = row;
  const queuedNote = message.mine && message.id === lastOwn && message.state === 'queued';
  const signature = `${row.day}${row.begins}${row.ends}${row.fresh}${queuedNote}`;
  if (element.message === message && element.signature === signature) return;
  Object.assign(element, { message, signature });
  element.dataset.id = message.id;
  element.className = `row ${message.mine ? 'own' : 'theirs'}${row.begins ? ' begins' : ''}${row.ends ? ' ends' : ''}`;
  const kept = element.querySelector('es-file');
  fill(element,
    row.day ? make('div.day', {}, make('time', { datetime: message.at }, day(message.at))) : null,
    row.fresh ? make('div.new-line', {}, make('span', {}, t('thread.new'))) : null,
    make('div.said', {}, picture(row), bubble(row, kept)),
    queuedNote ? make('p.why', {}, stateInWords(message)) : null);
}

function picture({ message, ends }) {
  if (message.mine || !message.room) return null;
  if (!ends) return make('span.face-space');
  const person = store.state.people[message.from];
  return person ? personFace({ ...person, presence: 'offline' }, 'small')
    : face({ id: message.from, name: message.fromName, size: 'small' });
}

function bubble({ message, begins }, kept) {
  const time = make('time.time', { datetime: message.at, title: whole(message.at) }, clock(message.at));
  const foot = make('span.foot', {},
    message.edited ? make('span', { title: whole(message.edited) }, t('edited')) : null,
    message.expires ? make('span', { title: t('expires', { at: whole(message.expires) }) }, icon('clock')) : null,
    time, message.mine && !message.deleted ? tick(message) : null);
  const kinds = ['bubble', message.deleted && 'gone', message.file && 'with-file', bigEmoji(message) && 'big'];
  const box = make('div', { class: kinds.filter(Boolean).join(' ') },
    !message.mine && message.room && begins ? author(message) : null,
    message.replyTo ? quoted(message) : null,
    content(message, kept), foot,
    message.asks ? askLine(message) : null);
  const reacted = reactions(message);
  return make('div.bubble-side', {}, box, reacted);
}

function author(message) {
  const person = { ...store.state.people[message.from], trust: message.trust, looksLike: message.looksLike };
  return make('div.author', {}, make('span', {}, message.fromName), trustSign(person),
    message.looksLike ? make('span.imitates', {}, t('looksLike', { name: message.looksLike })) : null);
}

/** The message that this one answers; it leads there. */
function quoted(message) {
  const key = message.room ? `room:${message.room}` : message.mine ? message.to : message.from;
  return make('button.quoted', { type: 'button', onclick: () => go(toTalk(key, message.replyTo)),
    'aria-label': t('reply.to', { text: message.replyText ?? '' }) },
    message.replyText || t('reply.gone'));
}

function content(message, kept) {
  if (message.deleted) return make('span.text', {}, t('deleted'));
  if (message.unknownKind !== undefined) return make('span.text', {}, t('unknownKind'));
  if (message.invitation) return invitation(message);
  if (message.file) return kept?.dataset.id === message.id ? kept : make('es-file', { 'data-id': message.id });
  const names = (message.mentions ?? [])
    .map((id) => (id === store.state.me?.id.person ? store.state.me.id.name : store.state.people[id]?.name))
    .filter(Boolean);
  return make('div.text', { dir: 'auto' }, styled(message.text, message.spans, names));
}

function invitation({ invitation: { room, name }, mine }) {
  const standing = store.state.rooms[room]?.standing;
  return make('div.text', {}, t(mine ? 'invited.you' : 'invited.them', { name }), ' ',
    mine || standing !== 'invited' ? null : button(t('invited.look'), () => go('#/inbox'), 'small'));
}

/** Who has taken note of a message that asks for it, and what may be done about it. */
function askLine(message) {
  const names = (message.acknowledged ?? [])
    .map((id) => (id === store.state.me?.id.person ? t('you') : store.state.people[id]?.name ?? '…'));
  const me = store.state.me?.id.person;
  const line = make('div.asks', {}, icon('hand'),
    make('span.grow', {}, names.length ? t('ask.done', { n: names.length, names: names.join(', ') })
      : t('ask.nobody')));
  if (!message.mine && !(message.acknowledged ?? []).includes(me)) {
    line.append(button(t('ask.acknowledge'), () => acknowledge(message.id), 'small main'));
  } else if (message.mine) {
    line.append(button(t('ask.remind'), () => remind(message.id), 'small', {
      title: message.remindedAt ? t('ask.reminded', { at: whole(message.remindedAt) }) : t('ask.remindHint') }));
  }
  return line;
}

/** Browsers before the middle of 2023 do not know which signs are emoji. */
const EMOJI = (() => { try { return new RegExp('^(\\p{RGI_Emoji}\\s?){1,3}$', 'v'); } catch { return /^$/; } })();

/** A message of one to three emoji and nothing else is shown large. */
export function bigEmoji({ text, file, asks }) {
  return !file && !asks && text.length < 24 && EMOJI.test(text);
}

/** What a screen reader says of a message when it comes. */
export function spoken(message) {
  const what = message.file ? t('said.file', { name: message.file.name }) : message.text;
  return t('said.by', { name: message.mine ? t('you') : message.fromName, text: what });
}
