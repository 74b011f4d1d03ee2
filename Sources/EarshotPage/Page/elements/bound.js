import { store } from '../state/store.js';

/** An element that shows a part of the state, and is drawn again when that part has changed. */
export class Bound extends HTMLElement {
  #parts = null;
  #unwatch = null;

  /** The parts of the state it shows, as an object; each is compared by identity. */
  select(state) { return { state }; }

  /** Draws `parts`; `before` is what was drawn last, or null. */
  render(_parts, _before) {}

  connectedCallback() {
    this.#unwatch = store.watch((state) => this.look(state));
    this.look(store.state);
  }

  disconnectedCallback() {
    this.#unwatch?.();
    this.#parts = null;
  }

  look(state) {
    const parts = this.select(state);
    const before = this.#parts;
    if (before && Object.keys(parts).every((key) => Object.is(parts[key], before[key]))) return;
    this.#parts = parts;
    this.render(parts, before);
  }
}
