import { face, fill, isContact, make, store, t } from '../kit.js';
import { faceOf, whereabouts } from './people/views.js';

/**
 * A list of people to tick, with a filter. `without` are ids that are left out; `chosen` is filled with ids.
 * Only contacts: whoever was not accepted cannot be written to.
 */
export function peopleToChoose({ without = new Set(), chosen = new Set(), label }) {
  const everybody = Object.values(store.state.people).filter((person) => isContact(person)
    && person.trust !== 'conflict' && !without.has(person.person))
    .sort((a, b) => Number(b.online) - Number(a.online) || a.name.localeCompare(b.name));
  const list = make('ul.entries.choose');
  const filter = make('input.input',
    { type: 'search', placeholder: t('people.filter'), 'aria-label': t('people.filter'), oninput: draw,
    onkeydown: (event) => { if (event.key === 'Enter') event.preventDefault(); } });
  function draw() {
    const words = filter.value.toLocaleLowerCase().trim();
    const shown = everybody.filter(({ name }) => name.toLocaleLowerCase().includes(words));
    fill(list, shown.length ? shown.map(line)
      : make('li.faint', {}, t(everybody.length ? 'people.nobody' : 'choose.none')));
  }
  function line(person) {
    const box = make('input', { type: 'checkbox', checked: chosen.has(person.person),
      onchange: () => (box.checked ? chosen.add(person.person) : chosen.delete(person.person)) });
    return make('li', {}, make('label.entry', {}, box, faceOf(person, 'small'),
      make('span.entry-words', {}, make('span.entry-title.one-line', { dir: 'auto' }, person.name),
        make('span.faint.entry-line', {}, whereabouts(person)))));
  }
  draw();
  return make('fieldset.field.plain', {}, make('legend.label', {}, label), everybody.length > 6 ? filter : null, list);
}

export const roomFace = (room, size) => face({ id: room.id, name: room.name, room: true, size });
