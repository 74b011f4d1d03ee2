import { button } from './buttons.js';
import { make } from './make.js';

const SECONDS = 6;

/** Says something for a moment, at the foot of the page; `action` is {text, press}. */
export function toast(text, action) {
  const place = document.querySelector('.toasts')
    ?? document.body.appendChild(make('div.toasts', { role: 'status', 'aria-live': 'polite' }));
  const end = () => note.remove();
  const note = make('div.toast', {}, make('span', {}, text),
    action ? button(action.text, () => { end(); action.press(); }, 'small') : null);
  place.append(note);
  setTimeout(end, SECONDS * 1000 * (action ? 2 : 1));
}

/** Says why something could not be done. */
export const complain = (error) => toast(error?.message ?? String(error));
