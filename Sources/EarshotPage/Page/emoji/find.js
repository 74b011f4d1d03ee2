import { TABLE } from './table.js';

/** Names that people type and Unicode does not use. */
const ALSO = {
  '👍': '+1 thumbsup yes', '👎': '-1 thumbsdown no', '😂': 'joy lol', '🎉': 'tada congratulations', '❤️': 'heart love',
  '😄': 'smile happy',
  '😉': 'wink', '😢': 'cry sad', '😭': 'sob', '🤔': 'thinking hmm', '🙏': 'pray thanks please', '👀': 'eyes look',
  '🔥': 'fire', '🚀': 'rocket ship',
  '✅': 'done ok check', '❌': 'x wrong', '😅': 'sweat_smile', '🤷': 'shrug', '👋': 'wave hello bye', '💯': '100',
  '👏': 'clap bravo', '😍': 'heart_eyes',
  '🙂': 'slight_smile', '🙁': 'frown', '😎': 'cool', '🤣': 'rofl', '☕': 'coffee tea', '🍺': 'beer', '🎂': 'cake birthday',
  '⚠️': 'warning',
};

/** {group: [{emoji, name, code}]}, read once. */
export const groups = Object.fromEntries(Object.entries(TABLE).map(([group, lines]) => [group,
  lines.trim().split('\n').map((line) => {
    const cut = line.indexOf(' ');
    const emoji = line.slice(0, cut);
    const name = line.slice(cut + 1);
    return { emoji, name, code: name.toLowerCase().replace(/[^\p{L}\d]+/gu, '_'), also: ALSO[emoji] ?? '' };
  })]));

const all = Object.values(groups).flat();

/** Emoji whose name has every word, those that begin so first. */
export function search(query, most = 120) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ name, also }) => words.every((word) => name.toLowerCase().includes(word) || also.includes(word));
  const rank = ({ name, also }) => (also.split(' ').includes(words[0]) ? 0 : name.toLowerCase().startsWith(words[0])
    ? 1 : 2);
  return all.filter(fits).sort((a, b) => rank(a) - rank(b)).slice(0, most);
}

/** Emoji for what stands after a colon: `smi`, `+1`, `thumbs_up`. */
export function byShortcode(begun, most) {
  const wanted = begun.toLowerCase();
  const rank = (one) => (one.also.split(' ').some((word) => word === wanted) ? 0 : one.also.split(' ')
    .some((word) => word.startsWith(wanted)) ? 1
    : one.code.startsWith(wanted) ? 2 : one.code.includes(`_${wanted}`) ? 3 : 9);
  return all.map((one) => [rank(one), one]).filter(([is]) => is < 9).sort(([a], [b]) => a - b).slice(0, most)
    .map(([, one]) => one);
}
