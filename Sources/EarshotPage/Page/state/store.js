import { initial } from './initial.js';
import { update } from './update.js';

/** The one place that holds the state. Everybody else reads it, and tells what happened. */
class Store {
  #state = initial;
  #watchers = new Set();
  #due = false;

  get state() { return this.#state; }

  /** Something happened: the state changes by `update`, and whoever watches is told once, soon. */
  tell(event) {
    const next = update(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      for (const watcher of [...this.#watchers]) watcher(this.#state);
    });
  }

  /** `watcher(state)` is called after changes; answers with how to end that. */
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

export const store = new Store();
