import { button, make, t } from '../kit.js';

/** What is shown while there is nothing to show: it opens, the node is away, or this browser was not let in. */
export function welcome({ state, refused }) {
  if (state === 'locked' || refused) {
    return make('div.empty', {}, make('h1', {}, t('locked.title')), make('p', {}, refused ?? t('locked.text')),
      make('p', {}, t('locked.how')), make('pre.code', {}, make('code', {}, 'earshot web')),
      button(t('retry'), () => location.reload()));
  }
  if (state === 'gone') {
    return make('div.empty', { role: 'status' }, make('h1', {}, t('gone.title')), make('p', {}, t('gone.text')));
  }
  return make('div.empty', { role: 'status' }, make('p', {}, t('opening')));
}
