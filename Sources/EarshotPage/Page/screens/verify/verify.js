import { Bound, button, complain, door, fill, icon, make, openDialog, store, t, tellPerson } from '../../kit.js';
import { otherWays } from './other.js';

const ENDED = new Set(['verified', 'noMatch', 'withdrawn', 'stopped', 'sessionEnded', 'tooLate', 'broken']);

const tell = (verification) => store.tell({ kind: 'event', event: { event: 'verification', verification } });

/** The order of what happens before the end. */
const STEPS = ['asked', 'waiting', 'exchanging', 'comparing'];
const stepOf = (state) => (ENDED.has(state) ? STEPS.length : STEPS.indexOf(state));

/** The answer to a call may come after events that say more: it does not take them back. */
function tellAnswer(verification) {
  const now = store.state.verifications[verification.person];
  if (stepOf(verification.state) >= stepOf(now?.state)) tell(verification);
}

/** Compares keys with somebody: both read the same aloud and say so. Leaving the dialog ends it. */
export async function openVerify(who) {
  begin(who);
  await openDialog({
    title: t('verify.title', { name: store.state.people[who]?.name ?? '' }), wide: true,
    body: (close) => [make('es-verify', { 'data-person': who }), otherWays(who, close)],
  });
  if (!ENDED.has(store.state.verifications[who]?.state)) await door.call('verify.stop', { who }).catch(() => {});
  door.release('verify.start', who);
}

function begin(who) {
  const person = { person: who, name: store.state.people[who]?.name ?? '' };
  tell({ ...person, state: 'waiting' });
  return door.hold('verify.start', { who }).then(tellAnswer,
    (error) => tell({ ...person, state: 'stopped', reason: error.message }));
}

/** How far a comparison is. */
class Verify extends Bound {
  get who() { return this.dataset.person; }

  select({ verifications, people }) { return { now: verifications[this.who], person: people[this.who] }; }

  render({ now, person }) {
    this.setAttribute('aria-live', 'polite');
    const name = person?.name ?? now?.name ?? '';
    fill(this, make('div.stack.verify', {}, now ? steps(now, name, this.who) : make('p', {}, t('opening'))));
    if (now?.state === 'comparing' && !now.answered) this.querySelector('.verify-same')?.focus();
  }
}
customElements.define('es-verify', Verify);

function steps(now, name, who) {
  if (now.state === 'verified') return [sign('verified', 'good'), make('p', {}, t('verify.done', { name }))];
  if (now.state === 'comparing') return comparing(now, name, who);
  if (ENDED.has(now.state)) {
    return [sign('warning', now.state === 'noMatch' ? 'alarm' : ''),
      make('p', {}, now.reason ?? t(`verify.${now.state}`, { name })),
      make('div', {}, button(t('retry'), () => begin(who)))];
  }
  return [make('p', {}, t('verify.how', { name })),
    make('p.soft', { role: 'status' },
    t(now.state === 'exchanging' ? 'verify.exchanging' : 'verify.waiting', { name }))];
}

function comparing(now, name, who) {
  const answer = (same) => door.call('verify.answer', { who, same }).then(tellAnswer, complain);
  return [
    make('p', {}, t('verify.compare', { name })),
    make('p.verify-numbers', { dir: 'ltr' }, now.numbers),
    make('ul.verify-emoji', {}, (now.emoji ?? []).map((emoji, index) => make('li', {},
      make('span', { 'aria-hidden': 'true' }, emoji), make('span.faint', {}, now.names?.[index] ?? '')))),
    now.answered ? make('p.soft', { role: 'status' }, t('verify.answered', { name }))
      : make('div.spread.wrap.verify-answers', {},
      button(t('verify.same'), () => answer(true), 'main verify-same'),
        button(t('verify.differs'), () => answer(false), 'danger')),
    now.theyAnswered && !now.answered ? make('p.faint', {}, t('verify.theyAnswered', { name })) : null,
  ];
}

const sign = (name, kind) => make('div', { class: `verify-sign ${kind}` }, icon(name));

/** Somebody would like to compare keys: asks once each time. */
export function watchVerifications() {
  const asked = new Map();
  store.watch(({ verifications, people }) => {
    for (const { person, state, name } of Object.values(verifications)) {
      const before = asked.get(person);
      asked.set(person, state);
      if (state === 'asked' && before !== 'asked' && !document.querySelector('dialog[open]')) ask(person,
        people[person]?.name ?? name);
    }
    for (const { person, state } of Object.values(verifications)) if (state === 'verified') refresh(person);
  });
}

const fresh = new Set();
function refresh(person) {
  if (fresh.has(person) || store.state.people[person]?.trust === 'verified') return;
  fresh.add(person);
  door.call('resolve', { who: person }).then(tellPerson, () => {}).finally(() => fresh.delete(person));
}

async function ask(person, name) {
  const yes = await openDialog({ title: t('verify.title', { name }), body: make('p', {}, t('verify.asked', { name })),
    actions: [{ text: t('verify.later'), kind: 'plain', value: false },
      { text: t('verify.begin'), kind: 'main', value: true }] });
  if (yes) openVerify(person);
}
