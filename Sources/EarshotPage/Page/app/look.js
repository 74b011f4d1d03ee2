import { speak } from '../kit.js';

const dark = matchMedia('(prefers-color-scheme: dark)');
const high = matchMedia('(prefers-contrast: more)');

/** Puts what is set (theme, contrast, size of text, language) onto the page. */
export function look({ theme, contrast, size, language }) {
  const root = document.documentElement;
  root.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  root.dataset.contrast = contrast === 'system' ? (high.matches ? 'high' : 'usual') : contrast;
  root.style.setProperty('--scale', String((size ?? 100) / 100));
  speak(language);
}

/** Calls back when the system's wishes change. */
export function watchSystem(changed) {
  dark.addEventListener('change', changed);
  high.addEventListener('change', changed);
}
