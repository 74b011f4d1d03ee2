import { bar, Bound, complain, fill, make, redraw, refreshSettings, t } from '../../kit.js';
import { looks } from './looks.js';
import { notices } from './notices.js';
import { nodeSettings } from './node.js';
import { rules } from './rules.js';

/** The parts of the settings, by what stands in the address. */
const PARTS = {
  looks: ({ prefs }) => looks(prefs),
  notices: ({ prefs }) => notices(prefs),
  people: ({ list }) => nodeSettings(list, ['contacts.', 'presence.', 'rooms.']),
  files: ({ list, rules: all, people }) => [nodeSettings(list, ['files.']), rules(all, people)],
  node: ({ list }) => nodeSettings(list, null, ['contacts.', 'presence.', 'rooms.', 'files.']),
};

/** What can be set: on this browser, and of the node. */
class Settings extends Bound {
  select({ extra, route, prefs, people }) {
    return { list: extra.settings?.list, rules: extra.settings?.rules, part: PARTS[route.id] ? route.id : 'looks',
      prefs, people };
  }

  connectedCallback() {
    super.connectedCallback();
    refreshSettings().catch(complain);
  }

  render(now, before) {
    if (!before || before.part !== now.part || before.prefs.language !== now.prefs.language) this.#build(now.part);
    redraw(this.column, PARTS[now.part](now));
  }

  #build(part) {
    this.column = make('div.column');
    fill(this, bar(t('self.settings')),
      make('nav.tabs', { 'aria-label': t('self.settings') }, Object.keys(PARTS).map((name) =>
        make('a', { href: `#/settings/${name}`, 'aria-current': name === part ? 'page' : null },
          t(`settings.${name}`)))),
      make('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t(`settings.${part}`) }, this.column));
    this.querySelector('.tabs [aria-current]').scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }
}

customElements.define('es-settings', Settings);
