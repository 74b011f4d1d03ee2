import { askPerson, changePerson, confirm, t } from '../../kit.js';
import { askForText } from '../ask.js';

/** A name of one's own for somebody; an empty one takes it back. */
export const renamePerson = (person) => askForText({
  title: t('person.rename'), label: t('person.petname'),
    hint: t('person.petnameHint', { name: person.ownName ?? person.name }),
  value: person.petname ?? '', save: (petname) => askPerson('rename', person.person, { petname }),
});

export async function confirmBlock(person) {
  if (await confirm(t('person.blockTitle', { name: person.name }), t('person.blockText'), t('block'), 'danger')) {
    await changePerson('block', person.person);
  }
}
