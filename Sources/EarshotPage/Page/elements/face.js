import { icon } from './icons.js';
import { make } from './make.js';

const COLOURS = 8;

/** The round picture of a person or the square one of a room. `presence` shows a dot. */
export function face({ id, name, picture, presence, room, size = '' }) {
  const element = make('span', { class: `face ${size} face-${colour(id ?? name)} ${room ? 'room' : ''}`,
    'aria-hidden': 'true' });
  if (picture) {
    // One that they have changed meanwhile is not there any more.
    const gone = (event) => event.currentTarget.replaceWith(initial(name));
    const src = `/api/v1/pictures/${encodeURIComponent(id)}/${encodeURIComponent(picture)}`;
    element.append(make('img', { src, alt: '', loading: 'lazy', onerror: gone }));
  } else element.append(room ? icon('room') : initial(name));
  if (presence && presence !== 'offline') element.append(make(`span.dot.${presence}`));
  return element;
}

/** The face of a PersonView. */
export const personFace = (person, size) => face({
  id: person.person, name: person.name, size,
  picture: person.profile?.pictureHere ? person.profile.picture : null,
  presence: person.presence ?? (person.online ? 'online' : 'offline'),
});

function colour(text = '') {
  let sum = 7;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) % 65521;
  return (sum % COLOURS) + 1;
}

const letters = Intl.Segmenter && new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function initial(name = '') {
  const [first] = letters?.segment(name.trim()) ?? Array.from(name.trim(), (segment) => ({ segment }));
  return first?.segment.toLocaleUpperCase() ?? '?';
}
