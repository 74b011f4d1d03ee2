import { go, listedKeys, make, openDialog, store, t, toTalk } from '../kit.js';
import { openSwitch } from '../search/switch.js';

const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const CTRL = apple ? '⌘' : 'Ctrl';

/** Keys and what they do, as the list shows them. */
const LIST = [
  [[CTRL, 'K'], 'key.switch'], [[CTRL, 'Shift', 'F'], 'key.search'], [[CTRL, 'F'], 'key.find'],
  [['Alt', '↑ ↓'], 'key.next'],
  [['Alt', 'Shift', '↓'], 'key.unread'], [['Enter'], 'key.enter'], [['Shift', 'Enter'], 'key.line'],
  [['↑'], 'key.editLast'],
  [['Esc'], 'key.escape'], [['@'], 'key.mention'], [[':'], 'key.emoji'], [['Shift', 'Tab'], 'key.messages'],
  [['?'], 'key.list'],
];

export function showShortcuts() {
  openDialog({
    title: t('shortcuts'),
    body: make('dl.shortcuts', {}, LIST.map(([keys, what]) => [
      make('dt', {}, keys.map((key) => make('kbd', {}, key))), make('dd', {}, t(what))])),
  });
}

const writing = (element) => element?.matches?.('input, textarea, select, [contenteditable]');

/** Keys that work everywhere. */
export function listenForKeys() {
  addEventListener('keydown', (event) => {
    const command = apple ? event.metaKey : event.ctrlKey;
    const done = () => event.preventDefault();
    if (command && !event.shiftKey && event.key.toLowerCase() === 'k') { done(); openSwitch(); return; }
    if (document.querySelector('dialog[open]')) return;
    if (command && event.shiftKey && event.key.toLowerCase() === 'f') { done(); go('#/search'); return; }
    if (command && event.key.toLowerCase() === 'f' && document.querySelector('es-find')) {
      done();
      document.querySelector('es-find').open();
    } else if (event.altKey && ['ArrowUp', 'ArrowDown'].includes(event.key)) {
      done();
      step(event.key === 'ArrowDown' ? 1 : -1, event.shiftKey);
    } else if (event.key === '?' && !writing(event.target)) {
      done();
      showShortcuts();
    } else if (event.key === 'Escape' && !event.defaultPrevented) {
      if (store.state.detail) store.tell({ kind: 'detail', open: false });
      else document.querySelector('es-composer textarea')?.focus();
    }
  });
}

/** To the next conversation, or the next with something unread. */
function step(by, unreadOnly) {
  const { state } = store;
  const keys = listedKeys(state).filter((key) => !unreadOnly || state.talks[key]?.unread || key === state.route.key);
  if (!keys.length) return;
  const at = keys.indexOf(state.route.key);
  go(toTalk(keys[(at + by + keys.length) % keys.length]));
}
