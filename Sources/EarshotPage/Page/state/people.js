/** People of the state, sorted for their screen. Oneself is not among them. */
export function peopleByGroup({ people, me }, filter = '') {
  const words = filter.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const groups = { requests: [], contacts: [], others: [], blocked: [] };
  for (const person of Object.values(people)) {
    if (person.person === me?.id.person || !words.every((word) => searchable(person).includes(word))) continue;
    groups[groupOf(person)].push(person);
  }
  for (const list of Object.values(groups)) list.sort(byPresence);
  return groups;
}

const GROUPS = { requested: 'requests', accepted: 'contacts', verified: 'contacts', conflict: 'contacts',
  blocked: 'blocked' };
const groupOf = ({ trust }) => GROUPS[trust] ?? 'others';

export const isContact = (person) => groupOf(person) === 'contacts';

const searchable = ({ name, ownName = '', person, profile = {} }) =>
  [name, ownName, profile.fullName, profile.role, profile.desk, person].join(' ').toLocaleLowerCase();

const byPresence = (a, b) => Number(b.online) - Number(a.online) || a.name.localeCompare(b.name);

/** How present somebody is, as a word of the door. */
export const presenceOf = (person) => person.presence ?? (person.online ? 'online' : 'offline');
