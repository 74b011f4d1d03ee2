/**
 * One tab of the browser listens to the node and tells the others what it hears, so that many tabs cost one stream.
 * The tab that holds the lock leads; when it closes the next one takes over.
 */
export class Tabs {
  #channel = new BroadcastChannel('earshot');
  #hear;
  leads = false;

  /** `lead(signal)` runs while this tab leads; `hear(news)` is told what another tab says. */
  constructor({ lead, hear }) {
    this.#hear = hear;
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    const holding = async () => {
      this.leads = true;
      await lead();
    };
    if (navigator.locks) navigator.locks.request('earshot-events', holding);
    else holding();
  }

  /** Tells the other tabs. */
  tell(news) {
    this.#channel.postMessage(news);
  }
}
