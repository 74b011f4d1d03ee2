import { iconButton } from '../elements/buttons.js';
import { make } from '../elements/make.js';
import { go } from '../route/router.js';
import { t } from '../words/words.js';

/** The bar on top of a screen: the way back on a phone, a heading, and what may be done. */
export function bar(title, ...actions) {
  return make('header.bar', {},
    iconButton('back', t('back'), () => go('#/'), { class: 'icon-button back' }),
    make('h1.one-line', { tabindex: '-1' }, title), actions);
}

/** A screen with a bar and a column of content. */
export function screen(title, content, ...actions) {
  return [bar(title, ...actions), make('div.scroll', { tabindex: '0', role: 'region', 'aria-label': title },
    make('div.column', {}, content))];
}
