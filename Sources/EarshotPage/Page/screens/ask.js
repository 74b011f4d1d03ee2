import { field, make, openDialog, t } from '../kit.js';

/**
 * Asks for one line of text. `save(text)` throws what was refused: the dialog stays then, and says why.
 * Answers with the text, or nothing.
 */
export function askForText({ title, label, hint, value = '', most = 256, required = false, save, done = t('save') }) {
  const input = make('input.input',
    { value, autofocus: true, autocomplete: 'off', maxlength: most, required, dir: 'auto' });
  return askForm({ title, content: field(label, input, hint), done, save: async () => {
    await save(input.value.trim());
    return input.value.trim();
  } });
}

/** A dialog with a form: Enter saves. `save()` throws what was refused; what it answers with is the dialog's answer. */
export function askForm({ title, content, done = t('save'), save, wide = false }) {
  const problem = make('p.note.danger', { role: 'alert', hidden: true });
  let form;
  return openDialog({
    title, wide,
    body: (close) => {
      form = make('form.stack', { onsubmit: async (event) => {
        event.preventDefault();
        problem.hidden = true;
        try {
          close(await save());
        } catch (error) {
          problem.textContent = error.message;
          problem.hidden = false;
        }
      } }, content, problem);
      return form;
    },
    actions: [{ text: t('cancel'), kind: 'plain' }, { text: done, kind: 'main', press: () => form.requestSubmit() }],
  });
}
