import { face, fill, go, listedKeys, make, nameOf, openDialog, personFace, store, t, toTalk, whoOf } from '../kit.js';

const MOST = 12;

/** Places that can be gone to by their name. */
const places = () => [['inbox', '#/inbox'], ['people', '#/people'], ['self.settings', '#/settings'],
  ['self.transfers', '#/transfers'],
  ['self.profile', '#/profile'], ['self.network', '#/network']].map(([key, to]) => ({ name: t(key), to }));

/** The quick switch: a few letters, Enter, and one is there. */
export function openSwitch() {
  if (document.querySelector('.switcher')) return;
  openDialog({ title: t('switch.title'), body: build });
}

function build(close) {
  let at = 0;
  let found = [];
  const list = make('ul.switch-list', { role: 'listbox', id: 'switch-list', 'aria-label': t('switch.title') });
  const input = make('input.input.switcher', { type: 'text', autofocus: true, role: 'combobox',
    'aria-expanded': 'true', 'aria-controls': 'switch-list',
    'aria-autocomplete': 'list', placeholder: t('switch.placeholder'), 'aria-label': t('switch.placeholder') });
  const take = (one) => { close(); go(one.to); };
  const draw = () => {
    at = Math.max(0, Math.min(found.length - 1, at));
    fill(list, found.map((one, index) =>
      make('li', { role: 'option', id: `switch-${index}`, 'aria-selected': String(index === at),
      onclick: () => take(one) },
      one.face, make('span.grow.one-line', { dir: 'auto' }, one.name),
      one.unread ? make('span.badge', {}, String(one.unread)) : null)));
    if (found.length) input.setAttribute('aria-activedescendant', `switch-${at}`);
    else input.removeAttribute('aria-activedescendant');
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  const look = () => { found = matches(input.value); at = 0; draw(); };
  input.addEventListener('input', look);
  input.addEventListener('keydown', (event) => {
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (turn) { event.preventDefault(); at = (at + turn + found.length) % Math.max(1, found.length); draw(); }
    if (event.key === 'Enter' && found[at]) { event.preventDefault(); take(found[at]); }
  });
  look();
  return make('div.stack', {}, input, list);
}

function matches(query) {
  const { state } = store;
  const talks = listedKeys(state, query).map((key) => {
    const { person, room } = whoOf(state, key);
    return { name: nameOf(state, key), to: toTalk(key), unread: state.talks[key]?.unread ?? 0,
      face: room ? face({ id: room.id, name: room.name, room: true, size: 'small' }) : personFace(person, 'small') };
  });
  const words = query.trim().toLocaleLowerCase();
  if (!words) return talks.filter(({ to }) => to !== location.hash).sort((a, b) => (b.unread > 0) - (a.unread > 0))
    .slice(0, MOST);
  const other = places().filter(({ name }) => name.toLocaleLowerCase().includes(words));
  const search = { name: t('switch.search', { query }), to: `#/search/${encodeURIComponent(query)}` };
  return [...talks.slice(0, MOST), ...other, search];
}
