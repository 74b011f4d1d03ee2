import { fill, make, setPrefs, store, t } from '../kit.js';

const COMMON = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀'];
const COLUMNS = 8;
let close = () => {};

/** Opens the picker at an element; `chosen(emoji)` is called once. Typing searches, arrows move, Esc closes. */
export async function openEmoji(anchor, chosen) {
  const before = document.activeElement;
  const find = await import('./find.js');
  close();
  const take = (emoji) => {
    const recent = [emoji, ...(store.state.prefs.recentEmoji ?? []).filter((one) => one !== emoji)].slice(0, 16);
    setPrefs({ recentEmoji: recent });
    close();
    chosen(emoji);
  };
  const grid = make('div.emoji-grid.scroll', { role: 'group', 'aria-label': t('emoji'), tabindex: '-1' });
  const input = make('input.input', { type: 'search', placeholder: t('emoji.search'), 'aria-label': t('emoji.search'),
    oninput: () => draw(find, grid, input.value, take) });
  const box = make('div.emoji-picker', { role: 'dialog', 'aria-label': t('emoji') }, input, grid);
  const outside = (event) => { if (!box.contains(event.target)) close(); };
  close = () => {
    document.removeEventListener('pointerdown', outside, true);
    box.remove();
    close = () => {};
    before?.focus?.();
  };
  box.addEventListener('keydown', (event) => steer(event, box, input, grid));
  (anchor.closest?.('main, dialog') ?? document.body).append(box);
  draw(find, grid, '', take);
  place(box, anchor);
  setTimeout(() => document.addEventListener('pointerdown', outside, true));
  input.focus();
}

function draw({ groups, search }, grid, query, take) {
  const one = ({ emoji, name }) => make('button', { type: 'button', title: name, 'aria-label': name ?? emoji,
    onclick: () => take(emoji) }, emoji);
  const part = (title, list) => [make('div.part-title', {}, title), make('div.emoji-part', {}, list.map(one))];
  if (query.trim()) {
    const found = search(query);
    fill(grid, found.length ? part(t('emoji.found'), found) : make('p.soft', {}, t('find.none')));
    return;
  }
  const recent = [...new Set([...(store.state.prefs.recentEmoji ?? []), ...COMMON])].slice(0, 16)
    .map((emoji) => ({ emoji, name: nameOf(groups, emoji) }));
  fill(grid, part(t('emoji.recent'), recent));
  const rest = () => { for (const [group, list] of Object.entries(groups)) if (grid.isConnected
    && !grid.previousSibling.value) grid.append(...part(t(`emoji.${group}`), list)); };
  requestAnimationFrame(() => setTimeout(rest));
}

const nameOf = (groups, emoji) => Object.values(groups).flat().find((one) => one.emoji === emoji)?.name;

function steer(event, box, input, grid) {
  const all = [...grid.querySelectorAll('button')];
  const at = all.indexOf(document.activeElement);
  const turn = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
  if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); close(); }
  else if (event.key === 'Enter' && at < 0) { event.preventDefault(); all[0]?.click(); }
  else if (event.key === 'ArrowDown' && at < 0) { event.preventDefault(); all[0]?.focus(); }
  else if (at >= 0 && turn) {
    event.preventDefault();
    if (at + turn < 0) input.focus();
    else all[Math.min(all.length - 1, at + turn)].focus();
  }
}

function place(box, anchor) {
  const where = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  box.style.left = `${Math.max(8, Math.min(where.right - width, innerWidth - width - 8))}px`;
  box.style.top = `${where.top - height - 8 > 8 ? where.top - height - 8
    : Math.min(where.bottom + 8, innerHeight - height - 8)}px`;
}
