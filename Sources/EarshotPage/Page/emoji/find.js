import { REGIONS, TABLE } from './table.js';

// What is here is fetched when somebody looks for an emoji: together it is a tenth of the page.

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

const entry = (emoji, name) => ({ emoji, name, code: name.toLowerCase().replace(/[^\p{L}\d]+/gu, '_'),
  also: ALSO[emoji] ?? '' });

/** A man or a woman who does what a person does. */
function formOf(emoji, name, [sign, who, word]) {
  const made = emoji.startsWith('🧑\u200D') ? emoji.replace('🧑', who)
    : `${emoji.replace(/\uFE0F$/, '')}\u200D${sign}\uFE0F`;
  return entry(made, `${word} ${name.replace(/^person /, '')}`);
}

/** What is drawn as text unless it is told otherwise, as an emoji. */
const drawn = (sign) => (Array.from(sign).length > 1 || /\p{Emoji_Presentation}/u.test(sign) ? sign : `${sign}\uFE0F`);

/** The entries of a group, of which the table leaves out what follows from the others. */
function read(lines) {
  let last = '';
  return lines.trim().split('\n').flatMap((line) => {
    const [, sign, words] = /^([^A-Za-z ]*) ?(.+)$/.exec(line) ?? [];
    last = sign || String.fromCodePoint(last.codePointAt(0) + 1);
    const name = words.replace(/\+$/, '');
    const forms = name === words ? [] : [['♂', '👨', 'man'], ['♀', '👩', 'woman']];
    return [entry(drawn(last), name), ...forms.map((form) => formOf(last, name, form))];
  });
}

function flags() {
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  return REGIONS.trim().split(/\s+/).map((region) => entry(
    String.fromCodePoint(...Array.from(region, (letter) => letter.codePointAt(0) + 0x1F1A5)),
    `flag ${names.of(region)}`));
}

/** {group: [{emoji, name, code, also}]}, read once. */
export const groups = Object.fromEntries(Object.entries(TABLE).map(([group, lines]) => [group, read(lines)]));
groups.Flags.push(...flags());

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
