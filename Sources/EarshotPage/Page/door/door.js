import { call, callAll } from './rpc.js';
import { listen } from './stream.js';
import { Backoff, rest } from './backoff.js';
import { Line } from './line.js';
import { Tabs } from './tabs.js';

/**
 * The way to one's own node: calls, and what happens there.
 * `tell(event)` gets {kind: 'door', state, …} of the connection and {kind: 'event', event} of each event.
 */
class Door {
  #tell = () => {};
  /** Up to where everything was heard, as the ids of events say it. */
  #place = null;
  #version;
  #tabs = null;
  #own = new Line();
  #state = 'opening';

  /** Begins to listen. */
  open(tell) {
    this.#tell = tell;
    this.#tabs = new Tabs({ lead: () => this.#lead(), hear: (news) => this.#hear(news) });
    this.#tabs.tell({ kind: 'hello' });
  }

  /** Whether this tab is the one that listens for all. */
  get leads() { return this.#tabs.leads; }

  /** Calls a method. */
  call(method, params) {
    return call(method, params);
  }

  callAll(calls) {
    return callAll(calls);
  }

  /**
   * Calls a method whose effect with `params.who` holds as long as a connection (live, verify.start): it is one of this
   * tab's own, so that it ends with this tab and with no other.
   */
  async hold(method, params) {
    const line = await this.#own.take(`${method} ${params.who}`);
    return call(method, params, line);
  }

  /** That effect is over, or not wanted any more. */
  release(method, who) {
    this.#own.give(`${method} ${who}`);
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
      await rest(backoff.next());
    }
  }

  #heard({ type, id, data }) {
    if (type === 'stream') {
      this.#place = id;
      this.#version = data.version;
      this.#change({ state: 'open' });
      return;
    }
    this.#place = id ?? this.#place;
    this.#say({ kind: 'event', event: data, place: this.#place });
  }

  #change(news) {
    this.#state = news.state;
    this.#say({ kind: 'door', ...news, version: this.#version, place: this.#place });
  }

  #say(news) {
    this.#tell(news);
    this.#tabs.tell(news);
  }

  /** What the leading tab says. Whoever comes later asks how it stands. */
  #hear(news) {
    if (news.kind === 'hello') {
      if (this.#tabs.leads) {
        this.#tabs.tell({ kind: 'door', state: this.#state, version: this.#version, place: this.#place });
      }
      return;
    }
    if (news.kind === 'door') this.#version = news.version;
    this.#place = news.place ?? this.#place;
    this.#tell(news);
  }
}

export const door = new Door();
