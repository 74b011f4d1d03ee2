import { askPerson, button, make, store, t, toast } from '../../kit.js';
import { askForText } from '../ask.js';
import { scanner } from './scan.js';

/** The other ways to be sure of somebody: their digits, or their QR code. */
export function otherWays(who, close) {
  const name = store.state.people[who]?.name ?? '';
  const done = () => { toast(t('verify.done', { name })); close(); };
  return make('details.more', {}, make('summary', {}, t('verify.other')), make('div.stack', {},
    make('div.spread.wrap', {},
      button(t('verify.digits'), async () => {
        if (await askDigits(who, name)) done();
      }, 'small'),
      button(t('card.scan'), (event) => event.currentTarget.parentElement.after(scanner(async (text) => {
        await askPerson('verify.check', who, { uri: text });
        done();
      })), 'small'))));
}

const askDigits = (who, name) => askForText({
  title: t('verify.digits'), label: t('person.fingerprint'), hint: t('verify.digitsHint', { name }), required: true,
    done: t('verify.check'),
  save: (fingerprint) => askPerson('verify.check', who, { fingerprint }),
});
