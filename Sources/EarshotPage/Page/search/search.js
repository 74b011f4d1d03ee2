import { Bound, brief, complain, door, face, fill, keyOf, make, nameOf, personFace, screen, store, t, toTalk, whole,
  whoOf } from '../kit.js';

const MOST = 100;

/** Search in all conversations. */
class Search extends Bound {
  select({ prefs }) { return { language: prefs.language }; }

  render() {
    this.input = make('input.input', { type: 'search', 'data-first-focus': true, placeholder: t('search.placeholder'),
      'aria-label': t('search.placeholder'),
      value: store.state.route.id ?? '', oninput: () => this.later() });
    this.status = make('p.faint', { role: 'status' });
    this.list = make('ul.hits');
    this.more = make('button.button', { type: 'button', hidden: true }, t('search.more'));
    fill(this, ...screen(t('search'), [this.input, this.status, this.list, this.more]));
    this.input.focus();
    if (this.input.value) this.search();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), 200);
  }

  async search() {
    const query = this.input.value.trim();
    const asked = (this.asked = {});
    await this.show(query, asked);
  }

  /** Shows some hits more than are shown; where there may be still more they can be asked for. */
  async show(query, asked, shown = []) {
    // First words of who asks to talk are no messages yet.
    const before = shown.findLast(({ state }) => state !== 'requested')?.id;
    const hits = query ? await door.call('search', { query, before, limit: MOST })
      .catch((error) => { complain(error); return []; }) : [];
    if (asked !== this.asked) return;
    const all = [...shown, ...hits];
    this.status.textContent = query ? t('search.found', { n: all.length }) : '';
    fill(this.list, all.map((message) => hit(message, query)));
    this.more.hidden = hits.length < MOST;
    this.more.onclick = () => this.show(query, asked, all);
  }
}

function hit(message, query) {
  const { state } = store;
  const key = keyOf(message);
  const { person, room } = whoOf(state, key);
  return make('li', {}, make('a.hit', { href: toTalk(key, message.id) },
    room ? face({ id: room.id, name: room.name, room: true, size: 'small' }) : person ? personFace(person, 'small')
      : null,
    make('span.grow.hit-words', {},
      make('span.spread', {}, make('strong.one-line.grow', { dir: 'auto' }, nameOf(state, key)),
        make('time.faint', { title: whole(message.at) }, brief(message.at))),
      make('span', { dir: 'auto' }, `${message.mine ? t('you') : message.fromName}: `,
        marked(excerpt(message.text, query), query)))));
}

function excerpt(text, query) {
  const at = text.toLocaleLowerCase().indexOf(query.toLocaleLowerCase().split(/\s+/)[0]);
  const from = Math.max(0, at - 60);
  return `${from ? '…' : ''}${text.slice(from, from + 240)}${text.length > from + 240 ? '…' : ''}`;
}

/** Every word of the query is marked in the text. */
export function marked(text, query) {
  const words = query.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  if (!words.length) return [text];
  const pattern = new RegExp(`(${words.join('|')})`, 'giu');
  return text.split(pattern).map((piece, index) => (index % 2 ? make('mark', {}, piece) : piece));
}

customElements.define('es-search', Search);
