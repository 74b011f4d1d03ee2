import { Bound } from '../elements/bound.js';
import { fill } from '../elements/make.js';
import { bar } from '../screens/bar.js';
import { nameOf } from '../state/talks.js';

class Thread extends Bound {
  render({ state }) { fill(this, bar(nameOf(state, this.dataset.key))); }
}
customElements.define('es-thread', Thread);
