import { Bound, complain, door, fill, go, iconButton, loadDay, make, t, toTalk } from '../kit.js';

/** Search in one conversation: from hit to hit, the newest first; and a jump to a day. */
class Find extends Bound {
  hits = [];
  at = -1;

  get key() { return this.dataset.key; }

  select({ prefs }) { return { language: prefs.language }; }

  render() {
    this.hidden = true;
    this.input = make('input.input.grow',
      { type: 'search', placeholder: t('find.placeholder'), 'aria-label': t('find.placeholder'),
      oninput: () => this.later(), onkeydown: (event) => this.key_(event) });
    this.count = make('span.faint', { role: 'status' });
    const date = make('input.input.find-day',
      { type: 'date', 'aria-label': t('find.day'), title: t('find.day'), onchange: () => this.day(date.value) });
    fill(this, this.input, this.count, iconButton('up', t('find.older'), () => this.step(1)),
      iconButton('down', t('find.newer'), () => this.step(-1)),
      date, iconButton('close', t('close'), () => this.close()));
  }

  open() {
    this.hidden = !this.hidden;
    if (!this.hidden) this.input.focus();
  }

  close() {
    this.hidden = true;
    this.parentElement.querySelector('es-composer textarea')?.focus();
  }

  key_(event) {
    if (event.key === 'Escape') this.close();
    else if (event.key === 'Enter') this.step(event.shiftKey ? -1 : 1);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), 200);
  }

  async search() {
    const query = this.input.value.trim();
    const asked = (this.asked = {});
    const hits = query ? await door.call('search', { query, who: this.key, limit: 200 })
      .catch((error) => { complain(error); return []; }) : [];
    if (asked !== this.asked) return;
    this.hits = hits.sort((a, b) => b.at.localeCompare(a.at));
    this.at = -1;
    if (this.hits.length) this.step(1);
    else this.count.textContent = query ? t('find.none') : '';
  }

  step(by) {
    if (!this.hits.length) return;
    this.at = Math.max(0, Math.min(this.hits.length - 1, this.at + by));
    this.count.textContent = t('find.count', { at: this.at + 1, of: this.hits.length });
    const focused = document.activeElement;
    go(toTalk(this.key, this.hits[this.at].id));
    if (focused === this.input) setTimeout(() => this.input.focus({ preventScroll: true }), 120);
  }

  async day(value) {
    if (!value) return;
    const id = await loadDay(this.key, new Date(`${value}T00:00`).getTime()).catch(complain);
    if (id) go(toTalk(this.key, id));
    else this.count.textContent = t('find.none');
  }
}
customElements.define('es-find', Find);
