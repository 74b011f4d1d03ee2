import { listen } from './stream.js';

/** A connection of this tab's own, open while something holds that ends with it. What comes on it the door tells too. */
export class Line {
  #holders = new Set();
  #opened = null;
  #end = null;

  /** Opens it, unless it is; answers with its name. `holder` names what holds. */
  take(holder) {
    this.#holders.add(holder);
    this.#opened ??= this.#open();
    return this.#opened;
  }

  /** One holder less; it closes with the last. */
  give(holder) {
    this.#holders.delete(holder);
    if (!this.#holders.size) this.#end?.abort();
  }

  #open() {
    const end = new AbortController();
    this.#end = end;
    return new Promise((named, failed) => {
      listen(null, end.signal, ({ type, data }) => { if (type === 'stream') named(data.stream); })
        .catch((error) => { if (error.name !== 'AbortError') failed(error); })
        .finally(() => { if (this.#end === end) this.#opened = null; });
    });
  }
}
