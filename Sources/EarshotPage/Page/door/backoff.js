/** How long to wait before trying again: doubles from half a second to 15 seconds, and not all at the same moment. */
export class Backoff {
  #tries = 0;

  next(chance = Math.random()) {
    const most = Math.min(15_000, 500 * 2 ** this.#tries);
    this.#tries += 1;
    return most * (0.5 + chance / 2);
  }

  reset() {
    this.#tries = 0;
  }
}

/** Waits so many ms, or until the network of the machine comes back or the page is looked at again. */
export function rest(ms) {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      document.removeEventListener('visibilitychange', seen);
      done();
    };
    const seen = () => { if (document.visibilityState === 'visible') end(); };
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    document.addEventListener('visibilitychange', seen);
  });
}
