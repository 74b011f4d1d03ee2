import { Bound, EMPTY_THREAD, forgetOld, iconButton, loadAfter, loadAround, loadBefore, loadEnd, make, markRead,
  reconcile, store, t } from '../kit.js';
import { hoverActions, menuOf } from './actions.js';
import { changeRow, createRow, spoken } from './row.js';
import { rowsOf } from './rows.js';

/** How many messages are drawn at once. */
const WINDOW = 120;
/** By how many that moves: so few that a frame has time for them. A longer way is gone frame by frame. */
const STEP = 10;
/** How near (px) the edge of what is drawn may come. */
const NEAR = 1_200;
/** What is older is asked for while so many that are here are not drawn yet. */
const AHEAD = 120;

/**
 * The messages of a conversation. Of what is loaded only a window is drawn. What one looks at stays where it is: the
 * first row on the screen is the anchor, or, at the end, the end.
 */
class Messages extends Bound {
  first = null;
  follows = true;
  anchor = null;
  /** Somebody has gone somewhere by themselves: the line of what is unread, found late, draws them nowhere else. */
  hasGone = false;

  get key() { return this.dataset.key; }

  select({ threads, talks, prefs, me, route }) {
    return { thread: threads[this.key] ?? EMPTY_THREAD, language: prefs.language, me, unread: talks[this.key]?.unread,
      at: route.key === this.key ? route.part : null, turn: route.turn };
  }

  connectedCallback() {
    this.tabIndex = 0;
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', t('thread.messages'));
    this.list = make('div.rows', { role: 'list', 'aria-label': t('thread.messages') });
    this.start = make('p.start.faint', { hidden: true }, t('thread.start'));
    this.live = make('div.unseen', { role: 'log', 'aria-live': 'polite' });
    this.toEnd = iconButton('down', t('thread.toEnd'), () => this.goToEnd(),
      { class: 'icon-button to-end', hidden: true });
    this.append(make('div.room-above'), this.start, this.list, this.live);
    this.after(this.toEnd);
    this.addEventListener('scroll', () => this.scrolled(), { passive: true });
    this.addEventListener('keydown', (event) => this.steer(event));
    for (const kind of ['wheel', 'pointerdown', 'keydown']) {
      this.addEventListener(kind, () => { this.hasGone = true; }, { passive: true });
    }
    hoverActions(this);
    this.size = new ResizeObserver(() => this.settle());
    this.size.observe(this.list);
    this.size.observe(this);
    this.looked = () => this.saw();
    addEventListener('focus', this.looked);
    document.addEventListener('visibilitychange', this.looked);
    super.connectedCallback();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.size.disconnect();
    removeEventListener('focus', this.looked);
    document.removeEventListener('visibilitychange', this.looked);
  }

  render(now, before) {
    const { list } = now.thread;
    const grew = before && before.thread.list.at(-1)?.id !== list.at(-1)?.id;
    if (grew && list.at(-1)?.mine && now.thread.atEnd) this.follows = true;
    this.setAttribute('aria-busy', String(now.thread.loading));
    this.draw(now.thread);
    if (grew && !list.at(-1).mine && before.thread.list.length) this.live.replaceChildren(spoken(list.at(-1)));
    if (!before && now.thread.unreadFrom) this.goTo(now.thread.unreadFrom, 'start');
    else if (before && !before.thread.unreadFrom && now.thread.unreadFrom && !now.at && !this.hasGone) {
      this.goTo(now.thread.unreadFrom, 'start');
    }
    if (now.at && (now.turn !== before?.turn || !before)) this.jump(now.at);
    this.saw();
    if (this.follows) forgetOld(this.key);
  }

  /** Draws the window. */
  draw({ list, atStart, unreadFrom }) {
    let from = this.follows ? list.length - WINDOW : list.findIndex(({ id }) => id === this.first);
    if (from < 0) from = Math.max(0, list.length - WINDOW);
    this.first = list[from]?.id ?? null;
    this.shownTo = Math.min(list.length, from + WINDOW);
    this.shownFrom = from;
    const rows = rowsOf(list.slice(Math.max(0, from - 1), this.shownTo + 1), unreadFrom);
    const shown = rows.slice(from > 0 ? 1 : 0, (from > 0 ? 1 : 0) + this.shownTo - from);
    const lastOwn = list.findLast(({ mine }) => mine)?.id;
    const had = this.list.contains(document.activeElement);
    reconcile(this.list, shown, (row) => row.message.id, createRow, (element, row) => changeRow(element, row, lastOwn));
    // Whoever goes on by keys from a row that is gone goes on from here.
    if (had && !this.list.contains(document.activeElement)) this.focus({ preventScroll: true });
    this.start.hidden = !atStart || from > 0;
    this.settle();
  }

  /** Puts what one looks at where it was. */
  settle() {
    if (this.follows) this.scrollTop = this.scrollHeight;
    else if (this.anchor?.row.isConnected) this.scrollTop = this.anchor.row.offsetTop - this.anchor.below;
  }

  scrolled() {
    const { thread } = this.select(store.state);
    const left = this.scrollHeight - this.scrollTop - this.clientHeight;
    const newest = this.shownTo === thread.list.length && thread.atEnd;
    this.follows = newest && left < 32;
    this.toEnd.hidden = newest && left < 240;
    this.anchor = this.follows ? null : this.firstSeen();
    if (this.goesToEnd) return;
    if (this.scrollTop < NEAR) this.earlier(thread);
    else if (left < NEAR && !newest) this.later(thread);
    this.saw();
  }

  firstSeen() {
    const rows = this.list.children;
    let low = 0;
    let high = rows.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].offsetTop + rows[middle].offsetHeight > this.scrollTop) high = middle;
      else low = middle + 1;
    }
    return rows[low] ? { row: rows[low], below: rows[low].offsetTop - this.scrollTop } : null;
  }

  earlier(thread) {
    if (this.shownFrom > 0) this.move(thread, Math.max(0, this.shownFrom - STEP));
    if (this.shownFrom < AHEAD) loadBefore(this.key)?.then(() => this.again());
  }

  later(thread) {
    const { length } = thread.list;
    if (this.shownTo < length) this.move(thread, Math.min(this.shownFrom + STEP, length - STEP));
    if (this.shownTo + AHEAD > length) loadAfter(this.key)?.then(() => this.again());
  }

  /** What came may be what one waits for at the edge. */
  again() {
    if (this.isConnected) this.scrolled();
  }

  move(thread, from) {
    if (!thread.list[from] || from === this.shownFrom) return;
    this.first = thread.list[from].id;
    this.draw(thread);
  }

  async goToEnd() {
    this.hasGone = true;
    // Nothing else is asked for meanwhile.
    this.goesToEnd = true;
    if (!this.select(store.state).thread.atEnd) await loadEnd(this.key);
    this.goesToEnd = false;
    this.follows = true;
    this.draw(this.select(store.state).thread);
  }

  /** Shows a message that is loaded. */
  goTo(id, block = 'center') {
    const { thread } = this.select(store.state);
    const index = thread.list.findIndex((message) => message.id === id);
    if (index < 0) return null;
    this.follows = false;
    if (index < this.shownFrom || index >= this.shownTo) this.move(thread, Math.max(0, index - STEP));
    const row = this.list.querySelector(`[data-id="${CSS.escape(id)}"]`);
    row?.scrollIntoView({ block });
    this.anchor = this.firstSeen();
    this.scrolled();
    return row;
  }

  async jump(id) {
    if (!await loadAround(this.key, id).catch(() => false)) return;
    const row = this.goTo(id);
    row?.focus({ preventScroll: true });
    row?.classList.add('found');
    setTimeout(() => row?.classList.remove('found'), 2_000);
  }

  /** What one sees at the end of a page that is looked at was read. */
  saw() {
    const { thread } = this.select(store.state);
    if (this.follows && thread.atEnd && thread.list.length && document.visibilityState === 'visible'
      && document.hasFocus()) markRead(this.key);
  }

  steer(event) {
    const row = event.target.closest?.('.row');
    const at = row === event.target ? row : null;
    const next = { ArrowDown: at?.nextElementSibling,
      ArrowUp: at ? at.previousElementSibling : this.list.lastElementChild,
      Home: null, End: this.list.lastElementChild }[event.key];
    if (next && (at || event.target === this)) {
      event.preventDefault();
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: 'nearest' });
    } else if (at && (event.key === 'Enter' || event.key === 'ContextMenu')) {
      event.preventDefault();
      menuOf(at);
    }
  }
}
customElements.define('es-messages', Messages);
