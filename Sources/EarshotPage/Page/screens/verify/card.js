import { askPerson, Bound, button, door, facts, go, make, redraw, screen, section, store, t, toast }
  from '../../kit.js';
import { drawQR } from '../../qr/draw.js';
import { scanner } from './scan.js';

/** Who one is, to be shown; and the card of somebody else, to be read. */
class Card extends Bound {
  select({ me, extra, prefs }) { return { id: me?.id, code: extra.card, language: prefs.language }; }

  connectedCallback() {
    super.connectedCallback();
    door.call('id.qr').then((code) => store.tell({ kind: 'extra', name: 'card', change: code }), () => {});
  }

  render({ id, code, language }, before) {
    if (!id) return;
    // What reads a card stays through what else changes: a picture may be on its way, or the camera on.
    if (before?.language !== language) this.scanner = scanner(take);
    redraw(this, screen(t('card.title'), [
      section(t('card.mine'), make('p.soft', {}, t('card.mineHint')),
        code?.rows ? make('div.qr', {}, drawQR(code.rows, t('card.qrLabel', { name: id.name }))) : null,
        facts([t('person.fingerprint'), id.fingerprint && make('code.digits', {}, id.fingerprint)],
          [t('card.address'), make('code.digits', {}, id.uri)]),
        make('div', {}, button(t('copy'), () => copy(id.uri), 'small'))),
      section(t('card.theirs'), make('p.soft', {}, t('card.theirsHint')), this.scanner),
    ]));
  }
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(t('copied'));
}

/** Whose card it is says the card itself. */
async function take(text) {
  const who = /^earshot:([a-z2-7]{52})/.exec(text)?.[1];
  if (!who) throw new Error(t('card.notACard'));
  if (who === store.state.me.id.person) throw new Error(t('card.yourOwn'));
  const person = store.state.people[who];
  if (!person) throw new Error(t('card.notHere'));
  if (person.trust === 'new' || person.trust === 'requested') await askPerson('accept', who);
  const { name } = await askPerson('verify.check', who, { uri: text });
  toast(t('verify.done', { name }));
  go(`#/people/${who}`);
}

customElements.define('es-card', Card);
