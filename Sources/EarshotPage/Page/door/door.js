import { call, callAll } from './rpc.js';
import { listen } from './stream.js';
import { Backoff, rest } from './backoff.js';
import { Tabs } from './tabs.js';

/**
 * The way to one's own node: calls, and what happens there.
 * `tell(event)` gets {kind: 'door', state, …} of the connection and {kind: 'event', event} of each event.
 */
class Door {
  #tell = () => {};
  #stream = null;
  /** Up to where everything was heard, as the ids of events say it. */
  #place = null;
  #tabs = null;
  #state = 'opening';

  /** Begins to listen. */
  open(tell) {
    this.#tell = tell;
    this.#tabs = new Tabs({ lead: () => this.#lead(), hear: (news) => this.#hear(news) });
    this.#tabs.tell({ kind: 'hello' });
  }

  /** Whether this tab is the one that listens for all. */
  get leads() { return this.#tabs.leads; }

  /** Calls a method. What holds for a connection (live, verify.start) is done on that of the event stream. */
  call(method, params) {
    return call(method, params, this.#stream);
  }

  callAll(calls) {
    return callAll(calls, this.#stream);
  }

  async #lead() {
    const backoff = new Backoff();
    for (;;) {
      try {
        await listen(this.#place, undefined, (news) => {
          backoff.reset();
          this.#heard(news);
        });
        this.#change({ state: 'gone' });
      } catch (error) {
        this.#change({ state: error.kind === 'locked' ? 'locked' : 'gone' });
      }
      this.#stream = null;
      await rest(backoff.next());
    }
  }

  #heard({ type, id, data }) {
    if (type === 'stream') {
      this.#stream = data.stream;
      this.#place = id;
      this.#change({ state: 'open', stream: data.stream, version: data.version });
      return;
    }
    this.#place = id ?? this.#place;
    this.#say({ kind: 'event', event: data, place: this.#place });
  }

  #change(news) {
    this.#state = news.state;
    this.#say({ kind: 'door', ...news, place: this.#place });
  }

  #say(news) {
    this.#tell(news);
    this.#tabs.tell(news);
  }

  /** What the leading tab says. Whoever comes later asks how it stands. */
  #hear(news) {
    if (news.kind === 'hello') {
      if (this.#tabs.leads) {
        this.#tabs.tell({ kind: 'door', state: this.#state, stream: this.#stream, place: this.#place });
      }
      return;
    }
    if (news.kind === 'door') this.#stream = news.stream ?? null;
    this.#place = news.place ?? this.#place;
    this.#tell(news);
  }
}

export const door = new Door();
