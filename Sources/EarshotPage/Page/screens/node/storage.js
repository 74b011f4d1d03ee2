import { facts, make, note, t } from '../../kit.js';

/** Where everything is kept, and whether there is room. The words about the disk are the doctor's. */
export function storage({ status, checks = [] }) {
  if (!status) return null;
  const detail = (name) => checks.find(({ check }) => check === name)?.detail;
  return [
    status.disk === 'ok' ? null : note('danger', t(`storage.${status.disk}`)),
    status.setAside ? note('warn', t('storage.setAside', { n: status.setAside })) : null,
    facts([t('storage.folder'), make('code.digits', {}, status.state)], [t('storage.disk'), detail('disk')],
      [t('storage.database'), detail('database')]),
  ];
}
