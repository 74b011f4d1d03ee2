import { Bound, fill, listing, make, t } from '../kit.js';

/** Who is typing, and what they write where both show it live. */
class Typing extends Bound {
  get key() { return this.dataset.key; }

  select({ typing, live, people }) {
    return { typing: typing[this.key], live: live[this.key], people };
  }

  render({ typing, live, people }) {
    const names = Object.keys(typing ?? {}).map((person) => people[person]?.name).filter(Boolean);
    const waits = live?.on && !live.theirs;
    fill(this,
      live?.text ? make('div.row.theirs', {},
        make('div.said', {}, make('div.bubble.live', { dir: 'auto' }, live.text))) : null,
      make('p.faint.typing-line', { 'aria-live': 'polite' },
        live?.text ? '' : names.length ? t('typing', { n: names.length, names: listing(names) }) : waits
          ? t('live.waits') : ''));
  }
}
customElements.define('es-typing', Typing);
