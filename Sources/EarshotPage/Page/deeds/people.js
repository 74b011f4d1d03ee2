import { door } from '../door/door.js';
import { complain } from '../elements/toast.js';
import { store } from '../state/store.js';

/** Puts a PersonView into the state as the event of the door would. */
export const tellPerson = (peer) => store.tell({ kind: 'event', event: { event: 'contact', peer } });

/** A method that answers with the person as they are then; throws what the door refused. */
export async function askPerson(method, who, more = {}) {
  const person = await door.call(method, { who, ...more });
  tellPerson(person);
  return person;
}

/** The same, and says what was refused. */
export const changePerson = (method, who, more) =>
  askPerson(method, who, more).catch((error) => { complain(error); return null; });

/** Keeps the list of people true: who is new on the network comes by no event of its own. */
export async function refreshPeople() {
  const answers = await door.callAll([['peers'], ['contacts']]);
  for (const { value } of answers) for (const person of value ?? []) tellPerson(person);
}
