import { icon } from './icons.js';
import { make } from './make.js';

let open = null;

/**
 * Opens a menu at an element or at {x, y}. Items: {text, icon, press, danger, checked, key} or `null` for a line.
 * Arrows move, Enter chooses, Esc closes; focus goes back to where it was.
 */
export function openMenu(anchor, items) {
  closeMenu();
  const before = document.activeElement;
  const menu = make('div.menu', { role: 'menu', tabindex: '-1' });
  for (const item of items) menu.append(item ? entry(item, before) : make('div', { role: 'separator' }));
  menu.addEventListener('keydown', (event) => steer(event, menu));
  ((anchor.closest ? anchor : before)?.closest('main, .side, aside, dialog') ?? document.body).append(menu);
  place(menu, anchor);
  const outside = (event) => { if (!menu.contains(event.target)) closeMenu(); };
  setTimeout(() => document.addEventListener('pointerdown', outside, true));
  anchor.setAttribute?.('aria-expanded', 'true');
  open = () => {
    document.removeEventListener('pointerdown', outside, true);
    anchor.setAttribute?.('aria-expanded', 'false');
    menu.remove();
    before?.focus?.();
  };
  menu.querySelector('[role^="menuitem"]')?.focus();
}

export function closeMenu() {
  open?.();
  open = null;
}

function entry(item) {
  const radio = item.checked !== undefined;
  return make('button', {
    type: 'button', role: radio ? 'menuitemradio' : 'menuitem', tabindex: '-1', class: item.danger ? 'danger' : '',
    'aria-checked': radio ? String(item.checked) : null, 'aria-disabled': item.disabled ? 'true' : null,
    onclick: () => { closeMenu(); item.press(); },
  }, radio ? icon(item.checked ? 'check' : 'none') : item.icon ? icon(item.icon) : null, item.text,
  item.key ? make('span.key', {}, item.key) : null);
}

function steer(event, menu) {
  const items = [...menu.querySelectorAll('[role^="menuitem"]')];
  const at = items.indexOf(document.activeElement);
  const go = (index) => { event.preventDefault(); items.at(index % items.length).focus(); };
  if (event.key === 'ArrowDown') go(at + 1);
  else if (event.key === 'ArrowUp') go(at - 1);
  else if (event.key === 'Home') go(0);
  else if (event.key === 'End') go(-1);
  else if (event.key === 'Escape'
    || event.key === 'Tab') { event.preventDefault(); event.stopPropagation(); closeMenu(); }
}

/** Beside the anchor, on the screen. */
function place(menu, anchor) {
  const box = anchor.getBoundingClientRect?.() ?? { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { offsetWidth: width, offsetHeight: height } = menu;
  const rtl = document.documentElement.dir === 'rtl';
  const left = rtl || box.left + width > innerWidth - 8 ? box.right - width : box.left;
  const top = box.bottom + height > innerHeight - 8 ? box.top - height - 4 : box.bottom + 4;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, top)}px`;
}
