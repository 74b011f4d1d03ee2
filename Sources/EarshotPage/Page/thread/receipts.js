import { door, make, openDialog, t, whole } from '../kit.js';
import { stateInWords } from './ticks.js';

/** Everything that is known of a message: when it was said, who has it, has read it, has acknowledged it. */
export async function showReceipts(message) {
  const list = message.mine ? await door.call('receipts', { id: message.id }).catch(() => []) : [];
  openDialog({
    title: t('message.details'),
    body: make('div.stack', {},
      make('dl.facts', {}, fact('details.by', message.mine ? t('you') : message.fromName),
        fact('details.at', whole(message.at)),
        message.arrivedAt ? fact('details.arrived', whole(message.arrivedAt)) : null,
        message.edited ? fact('details.edited', whole(message.edited)) : null,
        message.expires ? fact('details.expires', whole(message.expires)) : null,
        message.mine ? fact('details.state', stateInWords(message)) : null),
      list.length ? make('ul.receipts', {}, list.map((one) => make('li.spread', {},
        make('span.grow', {}, one.name), make('span.soft', {}, words(one))))) : null),
  });
}

const fact = (key, text) => [make('dt', {}, t(key)), make('dd', {}, text)];

function words({ acknowledgedAt, readAt, deliveredAt }) {
  if (acknowledgedAt) return t('receipt.acknowledged', { at: whole(acknowledgedAt) });
  if (readAt) return t('receipt.read', { at: whole(readAt) });
  if (deliveredAt) return t('receipt.delivered', { at: whole(deliveredAt) });
  return t('receipt.waits');
}
