import { Bound } from '../elements/bound.js';
import { iconButton } from '../elements/buttons.js';
import { face, personFace } from '../elements/face.js';
import { fill, make } from '../elements/make.js';
import { trustSign } from '../elements/trust.js';
import { complain } from '../elements/toast.js';
import { setLive } from '../deeds/typing.js';
import { go } from '../route/router.js';
import { details } from '../screens/screens.js';
import { store } from '../state/store.js';
import { nameOf, whoOf } from '../state/talks.js';
import { brief } from '../words/times.js';
import { t } from '../words/words.js';

/** Who it is, how present they are, and what may be done with the conversation. */
class Head extends Bound {
  get key() { return this.dataset.key; }

  select(state) {
    const { person, room } = whoOf(state, this.key);
    return { person, room, name: nameOf(state, this.key), live: state.live[this.key]?.on, detail: state.detail,
      prefs: state.prefs.language };
  }

  render({ person, room, name, live, detail }) {
    const open = () => store.tell({ kind: 'detail', open: !store.state.detail });
    const who = [
      room ? face({ id: room.id, name, room: true }) : person ? personFace(person) : face({ id: this.key, name }),
      make('div.grow.head-words', {},
        make('h1.one-line', {}, name, trustSign(person, true)),
        make('p.faint.one-line', {}, room ? roomLine(room) : personLine(person))),
    ];
    const hasDetail = Boolean(details[room || this.key.startsWith('room:') ? 'room' : 'talk']);
    fill(this, make('header.bar', {},
      iconButton('back', t('back'), () => go('#/'), { class: 'icon-button back' }),
      hasDetail ? make('button.head-who',
        { type: 'button', 'aria-expanded': String(detail), onclick: open, title: t('details') }, who)
        : make('div.head-who', {}, who),
      person ? iconButton('live', t(live ? 'live.off' : 'live.on'), () => setLive(this.key, !live).catch(complain),
        { 'aria-pressed': String(Boolean(live)) }) : null,
      iconButton('search', t('find.open'), () => this.parentElement.querySelector('es-find').open()),
      hasDetail ? iconButton('info', t('details'), open, { 'aria-expanded': String(detail) }) : null));
  }
}
customElements.define('es-head', Head);

function roomLine(room) {
  const count = t('room.members', { n: room.memberCount, online: room.onlineCount ?? 0 });
  return room.topic ? `${room.topic} · ${count}` : count;
}

function personLine(person) {
  if (!person) return '';
  const { status, lastSeen, idleSince } = person;
  const presence = person.presence ?? (person.online ? 'online' : 'offline');
  const words = presence === 'offline' && lastSeen ? t('lastSeen', { at: brief(lastSeen) })
    : presence === 'away' && idleSince ? t('awaySince', { at: brief(idleSince) }) : t(`presence.${presence}`);
  return status ? `${words} · ${status}` : words;
}
