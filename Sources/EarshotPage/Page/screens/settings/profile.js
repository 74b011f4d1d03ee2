import { Bound, button, choice, complain, door, field, fill, make, screen, section, store, t, toast }
  from '../../kit.js';
import { faceOf } from '../people/views.js';
import { smallPicture } from './picture.js';

const FIELDS = ['fullName', 'role', 'desk', 'phone'];
const SEEN = ['everyone', 'contacts', 'nobody'];

/** What one tells of oneself, and who sees what of it. */
class Profile extends Bound {
  select({ me, prefs }) { return { me, language: prefs.language }; }

  render({ me, language }, before) {
    if (!me) return;
    if (!before?.me || before.language !== language) this.#build(me);
    else if (before.me.profile !== me.profile) fill(this.face, this.#face(me));
  }

  #build({ id, profile, presence }) {
    this.inputs = { name: make('input.input', { value: id.name, maxlength: 64, autocomplete: 'off', dir: 'auto' }),
      status: make('input.input', { value: presence?.text ?? '', maxlength: 64, autocomplete: 'off', dir: 'auto' }) };
    for (const key of FIELDS) this.inputs[key] = make('input.input',
      { value: profile?.[key] ?? '', maxlength: 64, autocomplete: 'off', dir: 'auto', type: key === 'phone' ? 'tel'
      : 'text' });
    this.see = { ...profile?.see };
    this.face = make('div.person-head', {}, this.#face(store.state.me));
    fill(this, screen(t('profile.mine'),
      make('form.stack', { onsubmit: (event) => { event.preventDefault(); this.#save(); } },
      this.face,
      section(t('profile.about'), field(t('profile.name'), this.inputs.name, t('profile.nameHint')),
        field(t('profile.status'), this.inputs.status, t('profile.statusHint'))),
      section(t('profile.fields'), make('p.soft', {}, t('profile.fieldsHint')), FIELDS.map((key) => this.#told(key))),
      make('div', {}, make('button.button.main', { type: 'submit' }, t('save'))))));
  }

  #told(key) {
    return make('div.told', {}, field(t(`profile.${key}`), this.inputs[key]), this.#seen(key));
  }

  #seen(key) {
    return choice(SEEN.map((who) => [who, t(`profile.see.${who}`)]), this.see[key] ?? 'contacts',
      (who) => { this.see[key] = who; },
      { 'aria-label': t('profile.who', { field: t(`profile.${key}`) }) });
  }

  #face({ id, profile }) {
    const file = make('input',
      { type: 'file', accept: 'image/*', hidden: true, onchange: () => this.#picture(file.files[0]) });
    return [faceOf({ person: id.person, name: id.name, profile, presence: 'offline' }, 'large'),
      make('div.spread.wrap', {}, button(t('profile.choosePicture'), () => file.click(), 'small'), file,
        profile?.picture ? button(t('profile.noPicture'), () => tellProfile({ picture: '' }), 'small') : null),
      make('div.spread', {}, make('span.faint', { 'aria-hidden': 'true' },
        t('profile.who', { field: t('profile.picture') })), this.#seen('picture'))];
  }

  async #picture(file) {
    try {
      if (file) await tellProfile({ picture: await smallPicture(file) });
    } catch (error) {
      complain(error);
    }
  }

  async #save() {
    const { name, status } = this.inputs;
    try {
      if (name.value.trim() !== store.state.me.id.name) {
        const { name: is } = await door.call('name.set', { name: name.value.trim() });
        store.tell({ kind: 'me', me: { id: { ...store.state.me.id, name: is } } });
      }
      store.tell({ kind: 'me', me: { presence: await door.call('presence', { text: status.value.trim() }) } });
      await tellProfile({ ...Object.fromEntries(FIELDS.map((key) => [key, this.inputs[key].value.trim()])),
        see: this.see });
      toast(t('profile.saved'));
    } catch (error) {
      complain(error);
    }
  }
}

async function tellProfile(params) {
  const profile = await door.call('profile.set', params);
  store.tell({ kind: 'me', me: { profile } });
}

customElements.define('es-profile', Profile);
