import { fill, make } from '../elements/make.js';

/** A part of a screen with a heading. */
export const section = (title, ...content) =>
  make('section.section', {}, make('h2', {}, title), content);

/** A line of a list: a picture, a name with words below, and what may be done. `href` makes the words a link. */
export function row({ picture, title, below = [], href, actions = [], attributes = {} }) {
  const words = [make('span.entry-title.one-line', { dir: 'auto' }, title),
    [below].flat().filter(Boolean).map((line) => make('span.faint.entry-line', { dir: 'auto' }, line))];
  return make('li.entry', attributes, picture,
    href ? make('a.entry-words', { href }, words) : make('div.entry-words', {}, words),
    actions.filter(Boolean).length ? make('div.entry-actions', {}, actions) : null);
}

export const rows = (...items) => make('ul.entries', {}, items);

/** Facts as a list of terms: [[term, what], …]; those without a value are left out. */
export const facts = (...pairs) => make('dl.terms', {}, pairs
  .filter(([, value]) => value !== undefined && value !== null && value !== '')
  .map(([term, value]) => make('div', {}, make('dt', {}, term), make('dd', { dir: 'auto' }, value))));

export const note = (kind, ...content) => make('div',
  { class: `note ${kind}`.trim(), role: kind === 'danger' ? 'alert' : 'note' }, content);

/** What is to be drawn once nobody types there any more, by element. */
const waiting = new WeakMap();
/** The field in which somebody has typed what nobody has taken yet. */
let typed = null;
document.addEventListener('input', ({ target }) => { typed = target.matches('select') ? null : target; }, true);
document.addEventListener('change', () => { typed = null; }, true);

/**
 * Draws again without losing where somebody reads, which button they are on, and what they are typing: while a field
 * there holds something new, what is to be drawn waits until they leave it.
 */
export function redraw(element, ...children) {
  const field = element.contains(document.activeElement) ? document.activeElement : null;
  if (field && field === typed) {
    if (!waiting.has(element)) field.addEventListener('blur', () => drawWaiting(element), { once: true });
    waiting.set(element, children);
    return;
  }
  waiting.delete(element);
  const active = field && signOf(field);
  const place = element.querySelector('.scroll')?.scrollTop;
  fill(element, ...children);
  if (place) element.querySelector('.scroll').scrollTop = place;
  if (!active) return;
  const same = [...element.querySelectorAll(active.tag)].find((other) => signOf(other).text === active.text);
  (same ?? element.querySelector('h1'))?.focus({ preventScroll: true });
}

function drawWaiting(element) {
  const children = waiting.get(element);
  if (children) redraw(element, ...children);
}

function signOf(element) {
  const row = element.closest('[data-key]')?.dataset.key ?? '';
  const words = element.getAttribute('aria-label') ?? element.name ?? '';
  return { tag: element.tagName, text: [row, words, words ? '' : element.textContent].join('|') };
}

/** A list to choose one of: `choices` are [value, words]. */
export function choice(choices, value, change, attributes = {}) {
  const element = make('select.input', { onchange: () => change(element.value), ...attributes },
    choices.map(([is, words]) => make('option', { value: is, selected: is === value }, words)));
  return element;
}
