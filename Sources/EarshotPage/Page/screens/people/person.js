import { bar, Bound, button, changePerson, complain, door, facts, go, make, note, redraw, screen, section, store, t,
  toTalk, whole } from '../../kit.js';
import { lifetimeChoice } from '../lifetime.js';
import { confirmBlock, renamePerson } from './dialogs.js';
import { badges, faceOf, trustInWords, whereabouts } from './views.js';
import { openVerify } from '../verify/verify.js';

/** One person: what they tell of themselves, how sure one is of them, and what may be done. */
class Person extends Bound {
  get person_() { return this.dataset.person ?? this.dataset.key; }

  select({ people, extra, prefs }) {
    return { person: people[this.person_], lifetime: extra.lifetimes?.[this.person_], language: prefs.language };
  }

  connectedCallback() {
    super.connectedCallback();
    door.call('lifetime', { who: this.person_ }).then(({ lifetime }) => tellLifetime(this.person_, lifetime), () => {});
  }

  render({ person, lifetime }) {
    const beside = Boolean(this.dataset.key);
    if (!person) {
      redraw(this, screen(t('people'), make('div.empty', {}, make('p', {}, t('person.gone')))));
      return;
    }
    const content = [head(person), warnings(person), deeds(person, beside), profile(person), identity(person),
      keeping(person, lifetime), ends(person)];
    redraw(this, beside ? [bar(t('details'), close()),
      make('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t('details') },
      make('div.column', {}, content))]
      : screen(person.name, content));
  }
}

const close = () => button(t('close'), () => store.tell({ kind: 'detail', open: false }), 'plain small');

export const tellLifetime = (key,
  lifetime) => store.tell({ kind: 'extra', name: 'lifetimes', change: { [key]: lifetime } });

const head = (person) => make('div.person-head', {}, faceOf(person, 'large'),
  make('p.person-name', { dir: 'auto' }, person.name, badges(person)),
  person.ownName && person.ownName !== person.name
    ? make('p.faint', { dir: 'auto' }, t('person.callsThemselves', { name: person.ownName })) : null,
  make('p.soft', { dir: 'auto' }, whereabouts(person)));

function warnings(person) {
  const { trust, name, person: id } = person;
  return [
    trust === 'conflict' ? note('danger', make('p', {}, person.problem ?? t('person.conflict', { name })),
      make('div.spread.notes-buttons', {},
      button(t('person.trustThem'), () => changePerson('trust', id), 'small'),
        button(t('person.rename'), () => renamePerson(person), 'small'),
      button(t('block'), () => confirmBlock(person), 'small'))) : null,
    person.looksLike ? note('danger', t('person.looksLikeLong', { name, other: person.looksLike })) : null,
    trust === 'requested' ? note('', make('p', {}, t('person.asks', { name })), person.request
      ? make('blockquote', { dir: 'auto' }, person.request) : null) : null,
    trust === 'new' ? note('', t('person.new', { name })) : null,
    trust === 'blocked' ? note('', t('person.blocked', { name })) : null,
  ];
}

function deeds(person, beside) {
  const { trust, person: id } = person;
  const known = trust === 'accepted' || trust === 'verified';
  return make('div.spread.wrap', {},
    trust === 'requested' || trust === 'new' ? button(t('accept'), () => changePerson('accept', id), 'main') : null,
    known && !beside ? button(t('person.write'), () => go(toTalk(id)), 'main') : null,
    known && trust !== 'verified' ? button(t('verify.open'), () => openVerify(id)) : null,
    known ? button(t('gallery.title'), () => go(`#/gallery/${id}`)) : null,
    trust === 'blocked' ? button(t('unblock'), () => changePerson('unblock', id), 'main') : null);
}

function profile({ profile: tells = {} }) {
  const { fullName, role, desk, phone } = tells;
  if (!fullName && !role && !desk && !phone) return null;
  return section(t('profile.title'),
    facts([t('profile.fullName'), fullName], [t('profile.role'), role], [t('profile.desk'), desk],
    [t('profile.phone'), phone]));
}

function identity(person) {
  const { trust, fingerprint, cipher, since, lastSeen, addresses, via, person: id } = person;
  return section(t('person.identity'),
    make('p.soft', {}, trustInWords(person)),
    facts([t('person.fingerprint'), fingerprint && make('code.digits', {}, fingerprint)],
      [t('person.id'), make('code.digits', {}, id)],
      [t('person.since'), since && whole(since)], [t('person.lastSeen'), lastSeen && whole(lastSeen)],
      [t('person.via'), via], [t('person.addresses'), addresses?.join(', ')], [t('person.cipher'), cipher]),
    trust === 'verified' ? button(t('person.unverify'), () => changePerson('unverify', id), 'small') : null);
}

function keeping(person, lifetime) {
  if (lifetime === undefined || person.trust === 'blocked') return null;
  const set = (value) => door.call('lifetime', { who: person.person, lifetime: value })
    .then((answer) => tellLifetime(person.person, answer.lifetime), complain);
  return section(t('lifetime.title'), lifetimeChoice(lifetime, set), make('p.faint', {}, t('lifetime.hint')));
}

const ends = (person) => section(t('person.more'), make('div.spread.wrap', {},
  button(t('person.rename'), () => renamePerson(person), 'small'),
  person.trust === 'blocked' ? null : button(t('block'), () => confirmBlock(person), 'small')));

customElements.define('es-person', Person);
