import { WORDS } from './page.js';
import { WORDS as SCREENS } from './screens.js';

/** The languages, in the order of what is said in page.js and screens.js. */
const LANGUAGES = ['en', 'de'];
export const CATALOGUES = Object.fromEntries(LANGUAGES.map((tag) => [tag, {}]));
addWords(WORDS);
addWords(SCREENS);

let language = 'en';
let plural = new Intl.PluralRules('en');

/** Chooses a language: as asked, else the browser's, else English. */
export function speak(asked) {
  const wanted = asked ? [asked] : navigator.languages ?? [];
  language = wanted.map((tag) => tag.split('-')[0]).find((tag) => CATALOGUES[tag]) ?? 'en';
  plural = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
}

const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur']);

export const spoken = () => language;

/** The language as dates and numbers need it: that of the browser, where it is a kind of the one spoken. */
export const locale = () => (navigator.languages ?? []).find((tag) => tag.split('-')[0] === language) ?? language;
export const languages = () => Object.keys(CATALOGUES).map((tag) => [tag, CATALOGUES[tag].language]);

/** The words of a key. `{name}` is replaced from `values`; where there are plurals, `values.n` chooses. */
export function t(key, values = {}) {
  const entry = CATALOGUES[language][key] ?? CATALOGUES.en[key] ?? key;
  const text = typeof entry === 'string' ? entry : entry[plural.select(values.n)] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === 'number' ? value.toLocaleString(locale()) : value ?? whole;
  });
}

/** Adds words: {group: {key: [English, German]}}, whose key is `group.key` then; `_` is the group itself. */
export function addWords(more, group = '') {
  for (const [name, words] of Object.entries(more)) {
    const key = name === '_' ? group : group ? `${group}.${name}` : name;
    if (Array.isArray(words)) LANGUAGES.forEach((tag, index) => { CATALOGUES[tag][key] = words[index]; });
    else addWords(words, key);
  }
}

/** Names, one after the other, as the language lists them. */
export const listing = (names) => new Intl.ListFormat(language, { type: 'conjunction' }).format(names);
