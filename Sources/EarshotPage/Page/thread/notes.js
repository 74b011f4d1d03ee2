import { Bound, button, complain, door, fill, go, icon, iconButton, make, store, t, toTalk, whoOf } from '../kit.js';

/** What is to be known before one reads on: who asks, what is wrong, and what is pinned. */
class Notes extends Bound {
  get key() { return this.dataset.key; }

  select(state) {
    const { person, room } = whoOf(state, this.key);
    const warning = state.warnings.findLast(({ peer }) => peer.person === this.key);
    const pin = room?.pins?.at(-1);
    const pinned = pin && state.threads[this.key]?.list.find(({ id }) => id === pin);
    return { person, room, warning, pin, pinned, fetched: pin && state.extra.pins?.[pin],
      language: state.prefs.language };
  }

  render({ person, room, warning, pin, pinned, fetched }) {
    fill(this, person ? trust(person) : null, warning ? warned(warning) : null,
      pin ? this.#pin(room, pin, pinned ?? fetched) : null);
  }

  #pin(room, id, message) {
    if (!message) fetchPin(id);
    const more = room.pins.length > 1 ? t('pin.more', { n: room.pins.length - 1 }) : '';
    return make('div.pin', {}, icon('pin'),
      make('button.pin-text.one-line.grow',
        { type: 'button', onclick: () => go(toTalk(this.key, id)), title: t('pin.go') },
        message ? `${message.fromName}: ${message.text || message.file?.name || t('deleted')}` : '…'),
      more ? make('span.faint', {}, more) : null);
  }
}
customElements.define('es-notes', Notes);

const asked = new Set();
function fetchPin(id) {
  if (asked.has(id)) return;
  asked.add(id);
  door.call('message', { id }).then((message) => store.tell({ kind: 'extra', name: 'pins',
    change: { [id]: message } }), () => {});
}

const act = (method, who) => door.call(method, { who })
  .then((person) => store.tell({ kind: 'person', person }), complain);

function trust(person) {
  const { trust: is, name, person: who } = person;
  if (is === 'requested') {
    return note('', t('trust.requested', { name }), person.request ? make('blockquote', {}, person.request) : null,
      button(t('accept'), () => act('accept', who), 'main small'),
      button(t('block'), () => act('block', who), 'small'));
  }
  if (is === 'conflict') return note('danger', person.problem ?? t('trust.conflict', { name }),
    button(t('trust.look'), () => go(`#/people/${who}`), 'small'));
  if (is === 'blocked') return note('', t('trust.blocked', { name }),
    button(t('unblock'), () => act('unblock', who), 'small'));
  if (is === 'new') return note('', t('trust.new', { name }),
    button(t('accept'), () => act('accept', who), 'main small'));
  if (person.looksLike) return note('danger', t('trust.looksLike', { name, other: person.looksLike }));
  return null;
}

const warned = ({ warning, peer, number }) => note('danger', t(`warning.${warning}`, { name: peer.name }),
  iconButton('close', t('close'), () => store.tell({ kind: 'warningSeen', number })));

const note = (kind, text, ...more) => make('div', { class: `note ${kind} thread-note`, role: kind ? 'alert' : 'note' },
  make('span.grow', {}, text), more);
