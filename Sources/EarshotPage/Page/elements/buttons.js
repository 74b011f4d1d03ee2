import { icon } from './icons.js';
import { make } from './make.js';

/** A button that is only an icon; `label` is what it is called, and its tooltip. */
export function iconButton(name, label, onclick, attributes = {}) {
  return make('button.icon-button', { type: 'button', 'aria-label': label, title: label, onclick, ...attributes },
    icon(name));
}

/** A button with words. `kind`: `main`, `danger`, `plain`, `small` or several. */
export function button(text, onclick, kind = '', attributes = {}) {
  return make('button', { class: `button ${kind}`.trim(), type: 'button', onclick, ...attributes }, text);
}

/** A field with its label, and a hint below. */
export function field(label, input, hint) {
  input.id ||= `field-${(field.count = (field.count ?? 0) + 1)}`;
  const below = hint ? make('span.hint', { id: `${input.id}-hint` }, hint) : null;
  if (below) input.setAttribute('aria-describedby', below.id);
  return make('div.field', {}, make('label', { for: input.id }, label), input, below);
}

/** Something that is on or off. `change(on)` is told. */
export function toggle(label, on, change, attributes = {}) {
  const box = make('input', { type: 'checkbox', checked: on, onchange: () => change(box.checked), ...attributes });
  return make('label.switch', {}, box, make('span.grow', {}, label));
}
