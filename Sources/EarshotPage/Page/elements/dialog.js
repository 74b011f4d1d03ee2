import { button, iconButton } from './buttons.js';
import { make } from './make.js';
import { t } from '../words/words.js';

/**
 * Opens a dialog and answers with what `close(value)` was given; Esc and the cross give `undefined`.
 * `body(close)` makes what is inside; `actions` are {text, kind, value | press}: `press(close)` decides itself.
 */
export function openDialog({ title, body, actions = [], wide = false }) {
  const before = document.activeElement;
  return new Promise((answer) => {
    let value;
    const close = (given) => { value = given; dialog.close(); };
    const heading = make('h2', { id: `dialog-${(openDialog.count = (openDialog.count ?? 0) + 1)}` }, title);
    const dialog = make('dialog', { class: `dialog ${wide ? 'wide' : ''}`, 'aria-labelledby': heading.id });
    const inside = typeof body === 'function' ? body(close) : body;
    dialog.append(
      make('header', {}, heading, iconButton('close', t('close'), () => close())),
      make('div.body', {}, inside),
    );
    if (actions.length) dialog.append(make('footer', {}, actions.map((action) =>
      button(action.text, () => (action.press ? action.press(close) : close(action.value)), action.kind))));
    dialog.addEventListener('click', (event) => { if (event.target === dialog) close(); });
    dialog.addEventListener('close', () => {
      dialog.remove();
      before?.focus?.();
      answer(value);
    });
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector('[autofocus]') ?? dialog.querySelector('footer .main'))?.focus();
  });
}

/** Asks a question; answers true if the person agreed. */
export const confirm = (title, text, yes, kind = 'main') => openDialog({
  title,
  body: make('p', {}, text),
  actions: [{ text: t('cancel'), kind: 'plain', value: false }, { text: yes, kind, value: true }],
});
