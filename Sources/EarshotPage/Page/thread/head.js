import { Bound, brief, complain, face, fill, go, iconButton, make, nameOf, personFace, setLive, store, t, trustSign,
  whoOf } from '../kit.js';

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
    fill(this, make('header.bar', {},
      iconButton('back', t('back'), () => go('#/'), { class: 'icon-button back' }),
      make('button.head-who',
        { type: 'button', 'aria-expanded': String(detail), onclick: open, title: t('details') }, who),
      person ? iconButton('live', t(live ? 'live.off' : 'live.on'), () => setLive(this.key, !live).catch(complain),
        { 'aria-pressed': String(Boolean(live)) }) : null,
      iconButton('search', t('find.open'), () => this.parentElement.querySelector('es-find').open()),
      iconButton('info', t('details'), open, { 'aria-expanded': String(detail) })));
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
