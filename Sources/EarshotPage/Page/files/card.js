import { Bound, button, bytes, complain, confirm, door, fill, icon, iconButton, length, make, store, t }
  from '../kit.js';
import { media, small } from './media.js';

const OVER = new Set(['complete', 'declined', 'cancelled', 'failed']);

/** An offer of files: what it is, what may be done, how far it is, and, once it is here, the picture or sound
 * itself. */
class FileCard extends Bound {
  get id_() { return this.dataset.id; }

  select({ transfers, prefs, threads, route }) {
    return { transfer: transfers[this.id_],
      message: transfers[this.id_] ? null : threads[route.key]?.list.findLast(({ id }) => id === this.id_),
      language: prefs.language };
  }

  render({ transfer, message }, before) {
    const one = transfer ?? { ...message?.file, id: this.id_, direction: message?.mine ? 'out' : 'in',
      state: message?.mine ? 'waiting' : 'offered', have: 0 };
    if (before?.transfer && progressOnly(before.transfer, one)) { this.#progress(one); return; }
    const shown = media(one);
    const had = this.contains(document.activeElement);
    this.setAttribute('role', 'group');
    this.setAttribute('aria-label', one.name ?? '');
    this.tabIndex = asks(one) ? 0 : -1;
    this.onkeydown = (event) => this.#pressed(event, one);
    this.className = shown ? 'with-media' : '';
    const moves = one.state === 'active' || (one.state === 'paused' && one.have);
    this.meter = moves ? meter(one) : null;
    fill(this, shown, make('div.file-line', {}, thumb(one, shown),
      make('div.grow.file-words', {}, make('span.file-name', { dir: 'auto' }, one.name ?? ''),
        this.facts = make('span.faint', {}, facts(one))),
      saves(one)),
    warning(one), trouble(one),
    this.meter,
    make('div.file-buttons', {}, buttons(one)));
    if (had) (this.querySelector('button') ?? this).focus();
  }

  #progress(one) {
    if (this.meter) this.meter.value = one.have;
    this.facts.textContent = facts(one);
  }

  #pressed(event, one) {
    if (!asks(one) || event.target !== this) return;
    if (event.key === 'Enter') { event.preventDefault(); accept(one); }
    if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); act('transfer.decline', one); }
  }
}
customElements.define('es-file', FileCard);

const meter = ({ size, have }) =>
  make('progress', { max: String(size || 1), value: have, 'aria-label': t('file.progress') });
const asks = (one) => one.direction === 'in' && one.state === 'offered';
const progressOnly = (a, b) => a.state === b.state && a.state === 'active' && a.name === b.name
  && a.reason === b.reason && a.warning === b.warning && a.have !== b.have;

const act = async (method, { id }) => {
  const before = store.state.transfers[id];
  try {
    const answer = await door.call(method, { id });
    // What was heard meanwhile is newer than the answer: something small may be complete by now.
    if (store.state.transfers[id] === before) {
      store.tell({ kind: 'transfers', transfers: [{ ...before, ...answer }] });
    }
  } catch (error) {
    complain(error);
  }
};

async function accept(one) {
  const risky = one.warning || one.programs;
  if (risky && !await confirm(t('file.risky'), warningWords(one), t('file.acceptAnyway'), 'danger')) return;
  act('transfer.accept', one);
}

function facts(one) {
  const parts = [];
  const size = one.size === undefined ? t('file.open') : bytes(one.size);
  if (one.folder || one.count > 1) parts.push(t('file.count', { n: one.count }));
  parts.push(one.state === 'active' && one.size ? t('file.of', { have: bytes(one.have), size }) : size);
  if (one.state === 'active' && one.rate) {
    parts.push(t('file.rate', { rate: bytes(one.rate) }));
    if (one.size) parts.push(t('file.left', { time: length(((one.size - one.have) / one.rate) * 1000) }));
  } else if (one.duration) parts.push(length(one.duration));
  if (one.state && one.state !== 'active') parts.push(t(`file.${one.direction === 'in' && one.state === 'offered'
    ? 'offered' : `${one.direction}.${one.state}`}`));
  return parts.filter(Boolean).join(' · ');
}

function thumb(one, shown) {
  const picture = shown ? null : small(one);
  if (picture) return make('img.file-thumb', { src: picture, alt: '' });
  return make('span.file-icon', {}, icon(one.folder || one.count > 1 ? 'folder' : one.type?.startsWith('image/')
    ? 'picture' : 'file'));
}

/** The way to have a copy from the browser, once it is here. */
function saves(one) {
  if (one.direction !== 'in' || one.state !== 'complete' || one.files?.length !== 1) return null;
  return make('a.icon-button', { href: `/api/v1/transfers/${one.id}/files/0`, download: one.name,
    'aria-label': t('file.save'), title: t('file.save') }, icon('download'));
}

const warningWords = (one) => (one.warning === 'disguised' ? t('file.disguised') : one.programs
  ? t('file.programs', { n: one.programs, names: (one.programNames ?? []).slice(0, 3).join(', ') })
  : t('file.program'));

function warning(one) {
  if (!one.warning && !one.programs) return null;
  if (one.direction === 'out') return null;
  return make('p.note.danger', {}, icon('warning'), ' ', warningWords(one));
}

function trouble(one) {
  const lines = [];
  if (one.reason && one.state !== 'complete') lines.push(one.reason);
  if (one.notSentCount) lines.push(t('file.notSent', { n: one.notSentCount, what: one.notSent?.[0]?.reason ?? '' }));
  if (one.state === 'complete' && one.to && one.direction === 'in') lines.push(t('file.to', { to: one.to }));
  return lines.map((line) => make('p.file-note', {}, line));
}

function buttons(one) {
  if (asks(one)) {
    return [button(t('file.accept'), () => accept(one), 'main small'),
      button(t('file.decline'), () => act('transfer.decline', one), 'small'),
      button(t('file.later'), () => document.querySelector('es-composer textarea')?.focus(), 'plain small',
        { title: t('file.laterHint') }),
      one.unseen ? make('span.faint', {}, t('file.unseen')) : null];
  }
  const deed = (name, method) => iconButton(name[0], t(name[1]), () => act(method, one));
  const out = [];
  if (one.state === 'active' || one.state === 'waiting') out.push(deed(['pause', 'file.pause'], 'transfer.pause'));
  if (one.state === 'paused') out.push(deed(['play', 'file.resume'], 'transfer.resume'));
  if (one.state === 'failed') out.push(deed(['retry', 'file.retry'], 'transfer.retry'));
  if (one.direction === 'in' && one.state === 'failed') out.push(button(t('file.accept'), () => accept(one), 'small'));
  if (!OVER.has(one.state) && store.state.transfers[one.id]) out.push(deed(['close', one.direction === 'out'
    ? 'file.takeBack' : 'file.stop'], 'transfer.cancel'));
  return out;
}
