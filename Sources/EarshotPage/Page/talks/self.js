import { Bound, complain, door, fill, go, make, openMenu, personFace, store, t } from '../kit.js';
import { showShortcuts } from '../app/shortcuts.js';

/** Oneself: the face, how present one is, and the menu behind it. */
class Self extends Bound {
  select({ me, prefs }) { return { me, language: prefs.language }; }

  render({ me }) {
    if (!me) return;
    const presence = me.presence?.presence ?? 'online';
    const shown = me.presence?.shown ?? presence;
    fill(this, make('button.self', { type: 'button', 'aria-haspopup': 'menu', title: t('self.menu'),
      onclick: (event) => menu(event.currentTarget, presence) },
      personFace({ person: me.id.person, name: me.id.name, presence: shown, profile: me.profile }),
      make('span.grow.self-words', {}, make('span.one-line', {}, me.id.name),
        make('span.faint.one-line', {}, me.presence?.text || t(`presence.${presence}`)))));
  }
}
customElements.define('es-self', Self);

async function setPresence(presence) {
  try {
    store.tell({ kind: 'me', me: { presence: await door.call('presence', { presence }) } });
  } catch (error) {
    complain(error);
  }
}

function menu(anchor, now) {
  openMenu(anchor, [
    ...['online', 'busy', 'away', 'invisible'].map((presence) =>
      ({ text: t(`presence.${presence}`), checked: presence === now, press: () => setPresence(presence) })),
    null,
    { text: t('self.profile'), icon: 'person', press: () => go('#/profile') },
    { text: t('self.transfers'), icon: 'transfers', press: () => go('#/transfers') },
    { text: t('self.settings'), icon: 'settings', press: () => go('#/settings') },
    { text: t('self.network'), icon: 'network', press: () => go('#/network') },
    { text: t('shortcuts'), icon: 'keyboard', key: '?', press: showShortcuts },
  ]);
}
