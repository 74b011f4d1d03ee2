import { Bound, button, changePerson, complain, fill, go, iconButton, make, peopleByGroup, redraw, refreshPeople, row,
  rows, screen, section, t, toTalk } from '../../kit.js';
import { badges, faceOf, whereabouts } from './views.js';
import './person.js';

/** Everybody who is here or known. With an id in the address: that one person. */
class People extends Bound {
  filter = '';

  select({ people, me, route, prefs }) { return { people, me, id: route.id, language: prefs.language }; }

  connectedCallback() {
    super.connectedCallback();
    refreshPeople().catch(complain);
  }

  render(parts, before) {
    if (parts.id) {
      if (before?.id !== parts.id) fill(this, make('es-person.screen', { 'data-person': parts.id }));
      return;
    }
    if (!before || before.id || before.language !== parts.language) this.#build();
    this.parts = parts;
    this.#draw();
  }

  #build() {
    const filter = make('input.input', {
      type: 'search', value: this.filter, placeholder: t('people.filter'), 'aria-label': t('people.filter'),
      oninput: () => { this.filter = filter.value; this.#draw(); },
    });
    this.list = make('div.stack');
    fill(this, screen(t('people'), [filter, this.list],
      iconButton('qr', t('card.title'), () => go('#/card')), iconButton('key', t('join.title'), () => go('#/join'))));
  }

  #draw() {
    const groups = peopleByGroup(this.parts, this.filter);
    const drawn = Object.entries(groups).filter(([, list]) => list.length)
      .map(([name, list]) => section(t(`people.${name}`), rows(list.map((person) => personRow(person)))));
    redraw(this.list, drawn.length ? drawn
      : make('div.empty', {}, make('p', {}, t(this.filter ? 'people.nobody' : 'people.alone')),
      this.filter ? null : button(t('join.title'), () => go('#/join'), 'main')));
  }
}

function personRow(person) {
  const { person: id, trust, name } = person;
  return row({
    picture: faceOf(person), title: [name, badges(person)], href: `#/people/${id}`, attributes: { 'data-key': id },
    below: [trust === 'requested' ? person.request : null, whereabouts(person)],
    actions: actions(trust, id, name),
  });
}

/** What is done at once from the list. */
function actions(trust, id, name) {
  if (trust === 'requested' || trust === 'new') {
    return [button(t('accept'), () => changePerson('accept', id), trust === 'requested' ? 'main small' : 'small',
      { 'aria-label': `${t('accept')}: ${name}` }),
      trust === 'requested' ? button(t('block'), () => changePerson('block', id), 'small',
        { 'aria-label': `${t('block')}: ${name}` }) : null];
  }
  if (trust === 'blocked') return [button(t('unblock'), () => changePerson('unblock', id), 'small',
    { 'aria-label': `${t('unblock')}: ${name}` })];
  return [iconButton('send', t('people.write', { name }), () => go(toTalk(id)))];
}

customElements.define('es-people', People);
