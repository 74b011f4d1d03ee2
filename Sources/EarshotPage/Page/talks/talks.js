import { Bound } from '../elements/bound.js';
import { fill, make } from '../elements/make.js';
import { listedKeys, nameOf } from '../state/talks.js';
import { toTalk } from '../route/router.js';

class Talks extends Bound {
  render({ state }) {
    fill(this, make('ul', {}, listedKeys(state).map((key) => make('li', {}, make('a', { href: toTalk(key) }, nameOf(state, key))))));
  }
}
customElements.define('es-talks', Talks);
