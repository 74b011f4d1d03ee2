import { group, listing, make, react, store, t } from '../kit.js';

/** The reactions below a message: each once, with who gave it. Pressing one gives or takes back one's own. */
export function reactions(message) {
  if (!message.reactions?.length) return null;
  const me = store.state.me?.id.person;
  const groups = group(message.reactions, ({ emoji }) => emoji);
  return make('div.reactions', {}, [...groups].map(([emoji, given]) => {
    const mine = given.some(({ from }) => from === me);
    const names = given.map(({ from }) => (from === me ? t('you') : store.state.people[from]?.name ?? '…'));
    const label = t('reacted', { names: listing(names), emoji });
    return make('button.reaction', {
      type: 'button', 'aria-pressed': String(mine), 'aria-label': label, title: label,
      onclick: () => react(message.id, emoji, !mine),
    }, make('span', {}, emoji), given.length > 1 ? make('span.count', {}, String(given.length)) : null);
  }));
}
