import { store } from './store.js';

const PLACE = 'earshot.prefs';

/** What is set for this browser, and what it is where nothing was said. */
export const USUAL = Object.freeze({
  theme: 'system', contrast: 'system', size: 100, language: '', enterSends: true,
  notify: true, sound: true, preview: true, quietFrom: '', quietTo: '', pinned: [], muted: {}, recentEmoji: [],
});

export function loadPrefs() {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(PLACE) ?? '{}');
  } catch {
    // What cannot be read counts as nothing said.
  }
  store.tell({ kind: 'prefs', prefs: { ...USUAL, ...kept } });
  addEventListener('storage', ({ key }) => { if (key === PLACE) loadPrefs(); });
}

/** Changes some of them, here and in the other tabs. */
export function setPrefs(change) {
  store.tell({ kind: 'prefs', prefs: change });
  localStorage.setItem(PLACE, JSON.stringify(store.state.prefs));
}
