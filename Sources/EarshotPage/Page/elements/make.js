/** Makes an element: attributes, listeners (`onclick`), properties of `dataset`, and children. Text is only ever
 * text. */
export function make(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  set(element, attributes);
  element.append(...flat(children));
  return element;
}

/** Sets attributes as `make` does; `null`, `undefined` and `false` take one away. */
export function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'dataset') Object.assign(element.dataset, value);
    else if (key === 'class') element.className = value;
    else if (key === 'value' || key === 'checked' || key === 'indeterminate') element[key] = value;
    else if (value === null || value === undefined || value === false) element.removeAttribute(key);
    else element.setAttribute(key, value === true ? '' : value);
  }
  return element;
}

/** Replaces what is in an element. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

const flat = (children) => children.flat(4).filter((child) => child !== null && child !== undefined && child !== false);

/**
 * Makes the children of `parent` those of `items`, and keeps the elements of those that stay.
 * `key(item)` is text, `create(item)` makes an element, `change(element, item)` brings it up to date.
 */
export function reconcile(parent, items, key, create, change = () => {}) {
  const old = parent.shown ?? new Map();
  const now = new Map();
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let element = old.get(name);
    old.delete(name);
    if (!element) element = create(item);
    change(element, item);
    now.set(name, element);
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  for (const element of old.values()) {
    if (element === next) next = next.nextElementSibling;
    element.remove();
  }
  parent.shown = now;
}
