import { brief, icon, make, personFace, presenceOf, t } from '../../kit.js';

/** The face of a person, with how present they are. */
export const faceOf = (person, size) => personFace({ ...person, presence: presenceOf(person) }, size);

/** How present somebody is, in words. */
export function whereabouts(person) {
  const presence = presenceOf(person);
  const words = presence === 'offline' && person.lastSeen ? t('lastSeen', { at: brief(person.lastSeen) })
    : presence === 'away' && person.idleSince ? t('awaySince', { at: brief(person.idleSince) })
      : t(`presence.${presence}`);
  return person.status ? `${words} · ${person.status}` : words;
}

/** Signs behind a name: that keys were compared, or that something is the matter. */
export function badges(person) {
  const sign = (name, words, kind) => make('span',
    { class: `sign ${kind}`, role: 'img', 'aria-label': words, title: words }, icon(name));
  return [
    person.trust === 'verified' ? sign('verified', t('verified'), 'good') : null,
    person.trust === 'conflict' ? sign('warning', t('person.conflict', { name: person.name }), 'alarm') : null,
    person.looksLike ? sign('warning', t('person.looksLike', { other: person.looksLike }), 'alarm') : null,
  ];
}

export const trustInWords = ({ trust }) => t(`person.trust.${trust}`);
