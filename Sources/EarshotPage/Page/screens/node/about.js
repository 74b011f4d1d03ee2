import { facts, make, t } from '../../kit.js';

/** What this is. */
export const about = (version, status) => [
  make('p', {}, t('about.text')),
  facts([t('about.version'), version], [t('about.device'), status && make('code.digits', {}, status.device)],
    [t('about.licence'), 'Apache-2.0']),
];
