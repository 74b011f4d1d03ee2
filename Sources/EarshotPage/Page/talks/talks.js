import { Bound, button, fill, go, iconButton, listedKeys, make, openMenu, reconcile, t } from '../kit.js';
import { changeItem, createItem } from './item.js';
import './self.js';

/** As many conversations as are drawn at first. */
const MANY = 200;

/** The sidebar: oneself, a filter, what waits, and the conversations. */
class Talks extends Bound {
  filter = '';
  most = MANY;

  select({ people, rooms, talks, prefs, route, inbox, typing, me, loaded, extra }) {
    return { people, rooms, talks, prefs, route, inbox, typing, me, loaded, drafts: extra.drafts };
  }

  connectedCallback() {
    this.build();
    super.connectedCallback();
  }

  build() {
    this.language = document.documentElement.lang;
    const input = make('input.input', {
      type: 'search', value: this.filter, placeholder: t('talks.filter'), 'aria-label': t('talks.filter'),
      oninput: () => { this.filter = input.value; this.most = MANY; this.draw(); },
      onkeydown: (event) => this.inFilter(event),
    });
    this.list = make('ul.talks.scroll', { 'aria-label': t('conversations') });
    this.list.addEventListener('keydown', (event) => this.steer(event));
    this.waiting = make('a.waiting', { href: '#/inbox' });
    this.none = make('div.empty.talks-empty', { hidden: true }, make('p', {}, t('talks.none')),
      button(t('talks.find'), () => go('#/people'), 'main'));
    this.more = button(t('talks.more'), () => { this.most += MANY; this.draw(); }, 'plain');
    fill(this,
      make('div.bar', {}, make('es-self'),
        iconButton('people', t('people'), () => go('#/people'), { dataset: { to: 'people' } }),
        iconButton('plus', t('new'), (event) => news(event.currentTarget))),
      make('div.filter', {}, input), this.waiting, this.list, this.none);
  }

  render(now) {
    if (this.language !== document.documentElement.lang) this.build();
    this.now = now;
    this.draw();
  }

  draw() {
    const state = { ...this.now, prefs: this.now.prefs };
    this.querySelector('[data-to=people]').toggleAttribute('aria-current', state.route.name === 'people');
    this.#waiting(state.inbox);
    const keys = listedKeys(state, this.filter);
    const shown = keys.slice(0, this.most);
    reconcile(this.list, shown, (key) => key, createItem, (element, key) => changeItem(element, key, state));
    this.none.hidden = keys.length > 0;
    this.list.hidden = keys.length === 0;
    if (keys.length > shown.length) this.list.after(this.more);
    else this.more.remove();
  }

  #waiting(inbox) {
    const owed = inbox?.conversations.reduce((sum, one) => sum + one.owed.length, 0) ?? 0;
    const count = (inbox?.requests.length ?? 0) + (inbox?.invitations.length ?? 0) + (inbox?.offers.length ?? 0) + owed;
    this.waiting.toggleAttribute('aria-current', this.now.route.name === 'inbox');
    const words = count ? t('inbox.count', { n: count }) : t('inbox');
    if (this.waitingWords === words + this.language) return;
    this.waitingWords = words + this.language;
    fill(this.waiting, make('span.grow', {}, t('inbox')),
      count ? make('span.badge', { 'aria-label': words }, String(count)) : null);
  }

  inFilter(event) {
    if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      const first = this.list.querySelector('a');
      if (event.key === 'Enter') first?.click();
      else first?.focus();
    } else if (event.key === 'Escape' && this.filter) {
      event.target.value = '';
      this.filter = '';
      this.draw();
    }
  }

  steer(event) {
    const item = event.target.closest('li');
    const next = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling,
      Home: this.list.firstElementChild, End: this.list.lastElementChild }[event.key];
    if (next) {
      event.preventDefault();
      next.querySelector('a').focus();
    }
  }
}
customElements.define('es-talks', Talks);

function news(anchor) {
  openMenu(anchor, [
    { text: t('new.room'), icon: 'room', press: () => go('#/rooms/new') },
    { text: t('new.rooms'), icon: 'search', press: () => go('#/rooms') },
    { text: t('new.person'), icon: 'person', press: () => go('#/people') },
    { text: t('new.join'), icon: 'key', press: () => go('#/join') },
  ]);
}
