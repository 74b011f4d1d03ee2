import { bar, Bound, button, complain, door, field, fill, go, isContact, make, section, setPrefs, store, t, toggle }
  from '../kit.js';
import { allowNotices } from './settings/notices.js';

/** The first minute: what one is called, who may come in, and what the browser may say. */
class First extends Bound {
  select({ me, prefs }) { return { me, language: prefs.language }; }

  render({ me, language }, before) {
    if (!me || (before?.me && before.language === language)) return;
    const name = make('input.input',
      { value: me.id.name, required: true, maxlength: 64, autocomplete: 'nickname', dir: 'auto',
      'data-first-focus': true });
    let everybody = me.status.accept === 'lan';
    const save = async (event) => {
      event.preventDefault();
      try {
        const { name: is } = await door.call('name.set', { name: name.value.trim() });
        store.tell({ kind: 'me', me: { id: { ...store.state.me.id, name: is } } });
        const value = everybody ? 'lan' : 'ask';
        if (value !== store.state.me.status.accept) await door.call('settings.set', { key: 'contacts.accept', value });
        setPrefs({ welcomed: true });
        go('#/people');
      } catch (error) {
        complain(error);
      }
    };
    fill(this, bar(t('first.title')),
      make('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t('first.title') },
      make('form.column', { onsubmit: save },
      make('p.soft', {}, t('first.text')),
      section(t('first.name'), field(t('profile.name'), name, t('profile.nameHint'))),
      section(t('first.people'), toggle(t('first.everybody'), everybody, (on) => { everybody = on; }),
        make('p.faint', {}, t('first.everybodyHint'))),
      'Notification' in window && Notification.permission === 'default'
        ? section(t('settings.notices'), make('p.soft', {}, t('first.notices')),
          make('div', {}, button(t('settings.allow'), () => allowNotices(), 'small'))) : null,
      make('div', {}, make('button.button.main', { type: 'submit' }, t('first.begin'))))));
  }
}

/** Whoever knows nobody and was not welcomed begins there, once. */
export function welcomeOnce() {
  const end = store.watch(({ loaded, people, prefs, route, talks }) => {
    if (!loaded) return;
    end();
    const isNew = !prefs.welcomed && !Object.values(people).some(isContact) && !Object.keys(talks).length;
    if (isNew && route.name === 'home') go('#/first');
  });
}

customElements.define('es-first', First);
