import { Bound, brief, bytes, door, fill, galleryOf, icon, make, nameOf, screen, section, store, t, toTalk }
  from '../../kit.js';
import { small } from '../../files/media.js';
import { sentAddress } from '../../files/sent.js';

const PICTURES = /^image\/(png|jpeg|gif|webp)$/;

/** Pictures and files of one conversation that are here. `#/gallery/KEY`. */
class Gallery extends Bound {
  select(state) {
    const key = state.route.id ?? '';
    return { key, name: nameOf(state, key), found: state.extra.gallery?.[key], transfers: state.transfers,
      language: state.prefs.language };
  }

  connectedCallback() {
    super.connectedCallback();
    this.#ask(store.state.route.id);
  }

  async #ask(key) {
    let list;
    try {
      list = await door.call('gallery', { who: key, limit: 500 });
    } catch (error) {
      if (error.kind !== 'unknownMethod' || key.startsWith('room:')) return;
      list = await door.call('transfers', { who: key, limit: 1000 }).catch(() => []);
      list = galleryOf(Object.fromEntries(list.map((one) => [one.id, one])), key);
    }
    store.tell({ kind: 'extra', name: 'gallery', change: { [key]: list } });
  }

  render({ key, name, found, transfers }, before) {
    if (before && before.found === found && before.name === name && before.key === key) return;
    const list = found ?? galleryOf(transfers, key);
    const pictures = list.filter(({ type, count }) => PICTURES.test(type) && count === 1);
    const others = list.filter((one) => !pictures.includes(one));
    fill(this, screen(t('gallery.of', { name }), [
      pictures.length ? section(t('gallery.pictures'), make('ul.gallery', {}, pictures.map((one) => picture(one, key))))
        : null,
      others.length ? section(t('gallery.files'), make('ul.cards', {}, others.map((one) => file(one, key)))) : null,
      list.length ? null : make('div.empty', {}, icon('picture', 'huge'), make('p', {}, t('gallery.none'))),
    ]));
  }
}

function picture(one, key) {
  const { id, name } = one;
  // What one gave goes once they have it: then there is the small picture that went with the offer, or none.
  const gone = ({ currentTarget: image }) => {
    const source = small(one);
    if (source && image.src !== source) image.src = source;
    else image.closest('li').remove();
  };
  const source = sentAddress(id) ?? `/api/v1/transfers/${id}/files/0?inline=1`;
  return make('li', {}, make('a', { href: toTalk(key, id), title: name },
    make('img', { src: source, alt: name, loading: 'lazy', onerror: gone })));
}

const file = ({ id, name, size, at, count, folder }, key) => make('li.entry', {},
  icon(folder || count > 1 ? 'folder' : 'file'),
  make('a.entry-words', { href: toTalk(key, id) }, make('span.entry-title.one-line', { dir: 'auto' }, name),
    make('span.faint.entry-line', {}, `${bytes(size)} · ${brief(at)}`)),
  count === 1 ? make('a.icon-button',
    { href: `/api/v1/transfers/${id}/files/0`, download: name, 'aria-label': t('file.save'), title: t('file.save') },
    icon('download')) : null);

customElements.define('es-gallery', Gallery);
