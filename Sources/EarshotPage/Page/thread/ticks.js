import { clock, icon, make, t } from '../kit.js';

/** In words: how far one's own message has come, and why not further. */
export function stateInWords(message) {
  if (message.problem) return message.problem;
  const { receipts } = message;
  if (receipts && receipts.members > 0) {
    if (receipts.read >= receipts.members) return t('tick.readAll');
    if (receipts.read) return t('tick.readSome', { n: receipts.read, members: receipts.members });
    if (receipts.delivered) return t('tick.someHave', { n: receipts.delivered, members: receipts.members });
  }
  if (message.state === 'read') return message.readAt ? t('tick.readAt', { at: clock(message.readAt) })
    : t('tick.read');
  if (message.state === 'delivered') {
    return message.deliveredAt ? t('tick.deliveredAt', { at: clock(message.deliveredAt) }) : t('tick.delivered');
  }
  return message.reason ?? t('tick.queued');
}

/** In a room: how many of the others have it, or have read it, until it is all of them. */
function some({ receipts, state }) {
  if (!receipts || receipts.members < 2 || state === 'queued') return null;
  const count = receipts.read || receipts.delivered;
  return count < receipts.members ? make('span.count', {}, `${count}/${receipts.members}`) : null;
}

/** The small sign at the end of one's own message. */
export function tick(message) {
  const words = stateInWords(message);
  const name = message.problem ? 'warning' : { queued: 'clock', delivered: 'check', read: 'checks' }[message.state]
    ?? 'clock';
  return make('span', { class: `tick ${message.state}`, role: 'img', 'aria-label': words, title: words },
    some(message), icon(name));
}
