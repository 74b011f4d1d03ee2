import { button, choice, complain, door, icon, make, refreshSettings, section, t, toast, toggle } from '../../kit.js';

/** Settings of the node whose key begins with one of `with_`, or with none of `without`. */
export function nodeSettings(list, with_, without = []) {
  if (!list) return make('p.soft', { role: 'status' }, t('opening'));
  const begins = (key, starts) => starts.some((start) => key.startsWith(start));
  const shown = list.filter(({ key }) => (with_ ? begins(key, with_) : !begins(key, without)));
  return section(with_ ? t('settings.ofNode') : t('settings.node'), make('p.soft', {}, t('settings.nodeHint')),
    make('ul.settings', {}, shown.map(line)));
}

function line(setting) {
  const { key, help, value, usual, restart, next, changeable, from } = setting;
  const id = `setting-${key}`;
  return make('li', { class: changeable ? 'setting' : 'setting locked', 'data-key': key },
    make('div.setting-words', {}, make('code', {}, key), make('p', { id: `${id}-help` }, help),
      make('p.faint', {}, origin(setting)),
      restart && changeable ? make('p.faint', {}, t('settings.restart')) : null,
      next !== undefined ? make('p.faint', {}, t('settings.next', { value: next || t('settings.empty') })) : null),
    make('div.setting-value', {}, control(setting, `${id}-help`),
      changeable && from === 'door'
        ? button(t('settings.usualAgain', { value: usual || t('settings.empty') }), () => set(key, ''), 'plain small')
        : null,
      changeable ? null : make('span.locked-value', {}, icon('lock'),
        make('span', {}, value || usual || t('settings.empty')))));
}

/** Where a value comes from, and why it cannot be changed here. */
function origin({ from, place, changeable, hidden }) {
  const words = from === 'policy' ? t('settings.from.policy', { place })
    : t(`settings.from.${from}`, { place });
  const why = changeable ? '' : ` ${t(LOCKS.has(from) ? 'settings.locked' : 'settings.fileOnly')}`;
  const other = hidden.length ? ` ${t('settings.hides', { places: hidden.join(', ') })}` : '';
  return words + why + other;
}

const LOCKS = new Set(['policy', 'environment', 'option']);

function control({ key, value, values, usual, changeable }, described) {
  if (!changeable) return null;
  const attributes = { name: key, 'aria-label': key, 'aria-describedby': described };
  const truth = values.length === 2
    && [['off', 'on'], ['false', 'true']].find((pair) => pair.every((word) => values.includes(word)));
  if (truth) return toggle(t(value === truth[1] ? 'settings.on' : 'settings.off'), value === truth[1],
    (on) => set(key, truth[on ? 1 : 0]), attributes);
  if (values.length && values.includes(value)
    && !values.some((one) => /\d/.test(one))) return choice(values.map((one) => [one, one]), value,
    (one) => set(key, one), attributes);
  return entry(key, value, values, usual, attributes);
}

/** A value that is typed; what is worth offering is offered. */
function entry(key, value, values, usual, attributes) {
  const offers = values.length
    ? make('datalist', { id: `offers-${key}` }, values.map((one) => make('option', { value: one }))) : null;
  const input = make('input.input', { ...attributes, value, placeholder: usual, autocomplete: 'off', list: offers?.id,
    onchange: () => set(key, input.value.trim()) });
  return [input, offers];
}

async function set(key, value) {
  try {
    await door.call('settings.set', { key, value });
    toast(t('settings.set'));
  } catch (error) {
    complain(error);
  }
  await refreshSettings().catch(complain);
}
