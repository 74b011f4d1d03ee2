import { Bound, button, detailOf, fill, make, screenOf, t, unreadCount } from '../kit.js';
import { welcome } from './welcome.js';

const NARROW = matchMedia('(max-width: 719px)');

/** The whole page: a banner when the node is away, the sidebar, what is open, and its details. */
class App extends Bound {
  select({ door, loaded, route, detail }) {
    return { state: door.state, refused: door.refused, loaded, route, detail,
      newer: door.version !== door.began };
  }

  render(now, before) {
    if (!this.side) this.#build();
    const locked = now.state === 'locked' || (!now.loaded && now.refused);
    this.#banner(now);
    this.side.hidden = locked || !now.loaded;
    if (locked || !now.loaded) {
      fill(this.main, welcome(now));
      this.shownRoute = null;
      return;
    }
    this.dataset.pane = now.route.name === 'home' ? 'list' : 'main';
    this.#landmarks();
    this.#show(now.route);
    this.#detail(now);
    if (before && before.route !== now.route) this.#focus(this.main.firstElementChild);
  }

  /** What one goes on with, once the screen is there. */
  async #focus(screen) {
    const name = screen.localName;
    if (!customElements.get(name)) await customElements.whenDefined(name);
    if (screen.isConnected) (screen.querySelector('[data-first-focus]') ?? screen.querySelector('h1'))?.focus();
  }

  #build() {
    this.banner = make('div.banner', { role: 'alert', hidden: true });
    this.side = make('div.side', { role: 'navigation', 'aria-label': t('conversations') }, make('h1.unseen', {}, t('conversations')), make('es-talks'));
    NARROW.addEventListener('change', () => this.#landmarks());
    this.main = make('main.main', { id: 'main', tabindex: '-1' });
    this.aside = make('aside.detail', { 'aria-label': t('details'), hidden: true });
    this.append(make('a.skip', { href: '#main', onclick: (event) => { event.preventDefault(); this.main.focus(); } }, t('skip')),
      this.banner, this.side, this.main, this.aside);
  }

  /** On a phone the list is all there is, until one opens something. */
  #landmarks() {
    if (NARROW.matches && this.dataset.pane === 'list') this.side.setAttribute('role', 'main');
    else this.side.setAttribute('role', 'navigation');
  }

  #banner({ state, loaded, newer }) {
    const words = { gone: 'node.gone', locked: 'node.locked' }[state] ?? (newer ? 'node.newer' : null);
    this.banner.hidden = !loaded || !words;
    if (!this.banner.hidden) fill(this.banner, t(words),
      state === 'gone' ? null : button(t('reload'), () => location.reload(), 'small'));
  }

  /** The element of an address stays while only a part of the address changes. */
  #show(route) {
    const name = route.key ? 'es-thread' : screenOf(route.name) ?? 'es-home';
    const which = `${name} ${route.key ?? ''}`;
    if (this.shownRoute === which) return;
    this.shownRoute = which;
    fill(this.main, make(name, { 'data-key': route.key ?? null, class: 'screen' }));
  }

  #detail({ route, detail }) {
    const name = route.key && detail ? detailOf(route.name) : null;
    this.aside.hidden = !name;
    const which = this.aside.hidden ? '' : `${name} ${route.key}`;
    if (this.shownDetail === which) return;
    this.shownDetail = which;
    fill(this.aside, this.aside.hidden ? null : make(name, { 'data-key': route.key, class: 'screen' }));
  }
}
customElements.define('es-app', App);

/** What is in the middle when nothing is open. */
class Home extends Bound {
  select({ me, prefs }) { return { me, language: prefs.language }; }

  render() {
    fill(this, make('div.empty', {}, make('h1', {}, t('home.title')), make('p', {}, t('home.text'))));
  }
}
customElements.define('es-home', Home);

/** The title of the tab says how much is unread. */
export function titleOf(state) {
  const unread = state.loaded ? unreadCount(state) : 0;
  return unread ? `(${unread}) Earshot` : 'Earshot';
}
