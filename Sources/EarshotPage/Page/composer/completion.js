import { fill, make, store, t, whoOf } from '../kit.js';

const MOST = 7;

/** What could be meant before the cursor: `@na` a name, `:sm` an emoji. Arrows choose, Enter or Tab takes, Esc
 * leaves. */
export class Completion {
  #field;
  #key;
  #found = [];
  #at = 0;

  constructor(field, key) {
    this.#field = field;
    this.#key = key;
    this.element = make('ul.completion', { role: 'listbox', id: 'completion', hidden: true,
      'aria-label': t('completion') });
    field.setAttribute('aria-controls', 'completion');
    field.addEventListener('blur', () => setTimeout(() => this.close(), 150));
  }

  look() {
    const before = this.#field.value.slice(0, this.#field.selectionStart);
    const name = /(?:^|\s)@([^\s@]{0,30}(?: [^\s@]{1,20})?)$/u.exec(before);
    const emoji = /(?:^|\s):([\p{L}\d_+-]{2,30})$/u.exec(before);
    if (name) this.#show(namesFor(this.#key, name[1]), name[1].length + 1);
    else if (emoji) this.#showEmoji(emoji[1]);
    else if (/(?:^|\s):$/.test(before)) import('../emoji/find.js');
    else this.close();
  }

  async #showEmoji(begun) {
    const before = this.#field.value;
    const { byShortcode } = await import('../emoji/find.js');
    // Whoever types on is answered for what is there then.
    if (this.#field.value !== before) return;
    this.#show(byShortcode(begun, MOST).map(({ emoji, name }) => ({ insert: emoji, show: `${emoji}  ${name}` })),
      begun.length + 1);
  }

  #show(found, length) {
    this.#found = found.slice(0, MOST);
    this.length = length;
    this.#at = 0;
    this.#draw();
  }

  #draw() {
    this.element.hidden = !this.#found.length;
    fill(this.element, this.#found.map((one, index) => make('li', {
      role: 'option', id: `completion-${index}`, 'aria-selected': String(index === this.#at),
      onpointerdown: (event) => { event.preventDefault(); this.#take(index); },
    }, one.show)));
    if (this.element.hidden) this.#field.removeAttribute('aria-activedescendant');
    else this.#field.setAttribute('aria-activedescendant', `completion-${this.#at}`);
  }

  close() {
    this.#found = [];
    this.#draw();
  }

  /** Whether a key was for the list. */
  pressed(event) {
    if (!this.#found.length) return false;
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (turn) {
      this.#at = (this.#at + turn + this.#found.length) % this.#found.length;
      this.#draw();
    } else if ((event.key === 'Enter' && !event.ctrlKey) || event.key === 'Tab') this.#take(this.#at);
    else if (event.key === 'Escape') this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #take(index) {
    const end = this.#field.selectionStart;
    this.#field.setRangeText(`${this.#found[index].insert} `, end - this.length, end, 'end');
    this.close();
    this.#field.dispatchEvent(new Event('input'));
  }
}

/** Who can be mentioned here by a name that begins so, or has a word that does. */
function namesFor(key, begun) {
  const { person, room } = whoOf(store.state, key);
  const me = store.state.me?.id.person;
  const people = room ? (room.members ?? [])
    .filter(({ standing, person: id }) => standing === 'joined' && id !== me) : person ? [person] : [];
  const wanted = begun.toLocaleLowerCase();
  return people.map(({ name }) => name)
    .filter((name) => name.toLocaleLowerCase().split(/\s+/)
      .some((word, index, words) => words.slice(index).join(' ').startsWith(wanted)))
    .map((name) => ({ insert: `@${name}`, show: name }));
}
