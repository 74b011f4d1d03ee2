import { bar, Bound, brief, button, complain, door, fill, make, reconcile, section, store, t, toTalk, transfersByGroup }
  from '../../kit.js';

/** How many finished transfers are drawn at first. */
const MANY = 40;

/** All that is sent and received: what moves, what waits for an answer, and what is over. */
class Transfers extends Bound {
  most = MANY;

  select({ transfers, prefs }) { return { transfers, language: prefs.language }; }

  connectedCallback() {
    super.connectedCallback();
    door.call('transfers', { limit: 1000 }).then((transfers) => store.tell({ kind: 'transfers', transfers }), complain);
  }

  render(now, before) {
    if (!before || before.language !== now.language) this.#build();
    this.transfers = now.transfers;
    this.#draw();
  }

  #build() {
    this.parts = {};
    for (const name of ['asks', 'moving', 'over']) {
      const list = make('ul.cards');
      this.parts[name] = { list, section: section(t(`transfers.${name}`), list) };
    }
    this.more = button(t('talks.more'), () => { this.most += MANY; this.#draw(); }, 'plain');
    this.none = make('div.empty', {}, make('p', {}, t('transfers.none')));
    fill(this, bar(t('transfers.title')),
      make('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t('transfers.title') }, make('div.column', {},
      Object.values(this.parts).map((part) => part.section), this.more, this.none)));
  }

  #draw() {
    const groups = transfersByGroup(this.transfers);
    this.more.hidden = groups.over.length <= this.most;
    groups.over = groups.over.slice(0, this.most);
    for (const [name, { list, section: part }] of Object.entries(this.parts)) {
      part.hidden = !groups[name].length;
      reconcile(list, groups[name], ({ id }) => id, item);
    }
    this.none.hidden = Object.values(groups).some(({ length }) => length);
  }
}

const item = (one) => make('li.card', {},
  make('p.faint', {}, make('a', { href: toTalk(one.person), dir: 'auto' },
    t(`transfers.${one.direction}`, { name: one.peer })), ' · ', brief(one.at)),
  make('es-file', { 'data-id': one.id }));

customElements.define('es-transfers', Transfers);
