import { Bound, button, complain, door, field, fill, go, length, make, note, screen, section, store, t, tellPerson,
  toast, toTalk } from '../../kit.js';

const tell = (change) => store.tell({ kind: 'extra', name: 'invite', change });

/** Becoming verified contacts by a code: one makes it, the other types it. */
class Join extends Bound {
  select({ extra, prefs }) { return { open: extra.invite?.open, happened: extra.invitation,
    language: prefs.language }; }

  connectedCallback() {
    super.connectedCallback();
    door.call('invite.list').then(([open]) => tell({ open: open ?? null }), complain);
    this.clock = setInterval(() => this.#tick(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.clock);
    super.disconnectedCallback();
  }

  render(now, before) {
    if (!before || before.language !== now.language) this.#build();
    if (before && now.happened !== before.happened && now.happened) this.#happened(now.happened);
    this.#draw(now.open);
  }

  #build() {
    this.invitation = make('div.stack', { 'aria-live': 'polite' });
    this.problem = make('p.note.danger', { role: 'alert', hidden: true });
    this.code = make('input.input.code-input',
      { inputmode: 'numeric', autocomplete: 'off', maxlength: 32, placeholder: '000 000 000' });
    fill(this, screen(t('join.title'), [
      section(t('join.invite'), make('p.soft', {}, t('join.inviteHint')), this.invitation),
      section(t('join.join'), make('p.soft', {}, t('join.joinHint')),
        make('form.stack', { onsubmit: (event) => { event.preventDefault(); this.#join(); } },
          field(t('join.code'), this.code), this.problem,
          make('div', {}, make('button.button.main', { type: 'submit' }, t('join.do'))))),
    ]));
  }

  #draw(open) {
    this.open = open;
    this.left = open ? make('p.faint', { role: 'timer' }, timeLeft(open)) : null;
    fill(this.invitation, open ? [make('p.invite-code', { dir: 'ltr' }, open.code), this.left,
      make('div', {}, button(t('join.cancel'),
        () => door.call('invite.cancel').then(() => tell({ open: null }), complain), 'small'))]
      : make('div', {}, button(t('join.make'),
        () => door.call('invite.create').then((made) => tell({ open: made }), complain), 'main')));
  }

  #tick() {
    if (!this.open) return;
    if (Date.parse(this.open.expires) <= Date.now()) tell({ open: null });
    else this.left.textContent = timeLeft(this.open);
  }

  #happened({ invitation, peer }) {
    if (invitation === 'failed') {
      fill(this.invitation, note('danger', t('join.failed', { name: peer?.name ?? '' })));
      door.call('invite.list').then(([open]) => tell({ open: open ?? null }), () => {});
      return;
    }
    tell({ open: null });
    if (invitation === 'joined' && peer) joined(peer);
  }

  async #join() {
    this.problem.hidden = true;
    try {
      joined(await door.call('join', { code: this.code.value.trim() }));
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
    }
  }
}

const timeLeft = ({ expires, triesLeft }) =>
  t('join.left', { time: length(Math.max(0, Date.parse(expires) - Date.now())), n: triesLeft });

function joined(person) {
  tellPerson(person);
  toast(t('verify.done', { name: person.name }));
  go(toTalk(person.person));
}

customElements.define('es-join', Join);
