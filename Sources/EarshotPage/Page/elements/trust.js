import { icon } from './icons.js';
import { make } from './make.js';
import { t } from '../words/words.js';

/**
 * The sign beside a name: that somebody was verified, that it is not certain who they are, or that they imitate a
 * contact. `always` says also that they were not verified.
 */
export function trustSign(person, always = false) {
  if (!person) return null;
  if (person.trust === 'conflict') return sign('warning', 'conflict', t('sign.conflict'));
  if (person.looksLike) return sign('warning', 'conflict', t('looksLike', { name: person.looksLike }));
  if (person.trust === 'verified') return sign('verified', 'verified', t('verified'));
  if (person.trust === 'blocked') return sign('block', 'conflict', t('sign.blocked'));
  return always ? sign('shield', 'unverified', t('sign.unverified')) : null;
}

const sign = (name, kind, words) => make(`span.trust-sign.${kind}`,
  { role: 'img', 'aria-label': words, title: words }, icon(name));
