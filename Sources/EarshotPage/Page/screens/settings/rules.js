import { button, bytes, choice, complain, door, field, iconButton, isContact, listing, make, row, rows, section, store,
  t } from '../../kit.js';
import { askForm } from '../ask.js';

const tell = (all) => store.tell({ kind: 'extra', name: 'settings', change: { rules: all } });

/** What is taken without asking, by rule. */
export function rules(all = [], people = {}) {
  return section(t('rules.title'), make('p.soft', {}, t('rules.hint')),
    all.length ? rows(all.map(ruleRow)) : make('p.faint', {}, t('rules.none')),
    make('div', {}, button(t('rules.add'), () => addRule(people), 'small')));
}

const ruleRow = (rule) => row({
  title: t('rules.from', { who: rule.name ?? t(rule.verified ? 'rules.verified' : 'rules.contacts') }),
  below: [limits(rule), t('rules.to', { folder: rule.folder })], attributes: { 'data-key': String(rule.number) },
  actions: [iconButton('trash', t('rules.remove', { n: rule.number }),
    () => door.call('rules.remove', { number: rule.number }).then(tell, complain))],
});

function limits({ most, types, quota }) {
  return [
    types?.length ? listing(types) : t('rules.allTypes'),
    most === undefined ? null : t('rules.most', { size: bytes(most) }),
    quota === undefined ? null : t('rules.quota', { size: bytes(quota) }),
  ].filter(Boolean).join(' · ');
}

const MEGABYTE = 1_000_000;

function addRule(people) {
  const contacts = Object.values(people).filter(isContact).sort((a, b) => a.name.localeCompare(b.name));
  let from = 'contacts';
  const most = make('input.input', { type: 'number', min: 1, inputmode: 'numeric' });
  const quota = make('input.input', { type: 'number', min: 1, inputmode: 'numeric' });
  const types = make('input.input', { placeholder: 'pdf, image/*', autocomplete: 'off' });
  const folder = make('input.input', { placeholder: '/home/…', autocomplete: 'off' });
  return askForm({
    title: t('rules.add'),
    content: [
      field(t('rules.who'), choice([['contacts', t('rules.contacts')], ['verified', t('rules.verified')],
        ...contacts.map(({ person, name }) => [person, name])],
        from, (value) => { from = value; }, { autofocus: true })),
      field(t('rules.types'), types, t('rules.typesHint')), field(t('rules.mostField'), most),
        field(t('rules.quotaField'), quota),
      field(t('rules.folder'), folder, t('rules.folderHint')),
    ],
    save: async () => {
      const params = {};
      if (from === 'verified') params.verified = true;
      else if (from !== 'contacts') params.from = from;
      if (types.value.trim()) params.types = types.value.split(/[\s,]+/).filter(Boolean);
      if (most.value) params.most = Math.round(Number(most.value) * MEGABYTE);
      if (quota.value) params.quota = Math.round(Number(quota.value) * MEGABYTE);
      if (folder.value.trim()) params.folder = folder.value.trim();
      tell(await door.call('rules.add', params));
      return true;
    },
  });
}
