import { Bound, complain, draftOf, edit, fill, iconButton, keepDraft, keyOf, make, nameOf, openMenu, rests, send,
  setPrefs, store, t, whoOf, writes } from '../kit.js';
import { openEmoji } from '../emoji/picker.js';
import { Parcel } from '../files/parcel.js';
import { Completion } from './completion.js';
import { recordVoice } from './voice.js';

/** Where one writes. What is not sent is kept, and comes back after a reload. */
class Composer extends Bound {
  editing = null;
  replyTo = null;
  ask = false;

  get key() { return this.dataset.key; }

  select(state) {
    const { person, room } = whoOf(state, this.key);
    return { barred: barred(person, room), name: nameOf(state, this.key), enter: state.prefs.enterSends,
      language: state.prefs.language };
  }

  connectedCallback() {
    this.onReply = ({ detail }) => { if (keyOf(detail) === this.key) this.reply(detail); };
    this.onEdit = ({ detail }) => { if (keyOf(detail) === this.key) this.edit(detail); };
    document.addEventListener('earshot-reply', this.onReply);
    document.addEventListener('earshot-edit', this.onEdit);
    super.connectedCallback();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener('earshot-reply', this.onReply);
    document.removeEventListener('earshot-edit', this.onEdit);
    rests(this.key);
  }

  render({ barred: why, name, enter }, before) {
    if (!this.field) this.build();
    this.querySelector('.composer').hidden = Boolean(why);
    this.why.hidden = !why;
    this.why.textContent = why ?? '';
    this.field.placeholder = t('composer.placeholder', { name });
    this.field.setAttribute('aria-label', this.field.placeholder);
    this.field.enterKeyHint = enter ? 'send' : 'enter';
    if (!before && matchMedia('(pointer: fine)')
      .matches && !store.state.route.part) this.field.focus({ preventScroll: true });
  }

  build() {
    this.field = make('textarea.field', { rows: '1', dir: 'auto', 'data-first-focus': true, autocomplete: 'off',
      oninput: () => this.changed(), onkeydown: (event) => this.pressed(event),
      onpaste: (event) => this.pasted(event) });
    this.about = make('div.about', { hidden: true });
    this.parcel = new Parcel(() => this.grow(), () => this.field.focus());
    this.why = make('p.barred', { hidden: true });
    this.askButton = iconButton('hand', t('ask.ask'), () => this.setAsk(!this.ask), { 'aria-pressed': 'false' });
    this.sendButton = iconButton('send', t('send'), () => this.send(), { class: 'icon-button send' });
    this.voice = iconButton('mic', t('voice.record'), () => this.record());
    this.completion = new Completion(this.field, this.key);
    fill(this, this.why, make('div.composer', {}, this.about, this.parcel.element, this.completion.element,
      make('div.composer-line', {},
        iconButton('attach', t('attach'), (event) => this.attach(event.currentTarget)),
        make('div.field-box', {}, this.field,
          iconButton('smile', t('emoji'), (event) => openEmoji(event.currentTarget, (emoji) => this.insert(emoji)))),
        this.askButton, this.voice, this.sendButton)));
    const draft = draftOf(this.key);
    this.field.value = draft?.text ?? '';
    if (draft?.replyTo) this.reply(draft.replyTo, false);
    if (draft?.ask) this.setAsk(true);
    requestAnimationFrame(() => this.grow());
  }

  changed() {
    this.keep();
    this.grow();
    this.completion.look();
    writes(this.key, this.field.value);
  }

  keep() {
    if (this.editing) return;
    const replyTo = this.replyTo && { id: this.replyTo.id, fromName: this.replyTo.fromName, text: this.replyTo.text };
    keepDraft(this.key, { text: this.field.value, replyTo, ask: this.ask });
  }

  grow() {
    this.field.style.height = 'auto';
    this.field.style.height = `${Math.min(this.field.scrollHeight, innerHeight * 0.4)}px`;
    const something = Boolean(this.field.value.trim()) || this.parcel.count > 0;
    this.sendButton.hidden = !something && Boolean(navigator.mediaDevices);
    this.voice.hidden = !this.sendButton.hidden;
    this.askButton.hidden = !this.field.value.trim() && !this.ask;
  }

  pressed(event) {
    if (event.isComposing || this.completion.pressed(event)) return;
    const { enterSends } = store.state.prefs;
    const withKey = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && !event.shiftKey && (enterSends || withKey)) {
      event.preventDefault();
      this.send();
    } else if (event.key === 'Escape' && (this.editing || this.replyTo)) {
      event.stopPropagation();
      this.leave();
    } else if (event.key === 'ArrowUp' && !this.field.value && !this.editing) {
      const last = store.state.threads[this.key]?.list.findLast(({ mine, deleted, file }) => mine && !deleted && !file);
      if (last) { event.preventDefault(); this.edit(last); }
    }
  }

  reply(message, focus = true) {
    this.leave();
    this.replyTo = message;
    this.show('reply', t('reply.to', { text: '' }).replace(/[:：]\s*$/, ''), message);
    this.keep();
    if (focus) this.field.focus();
  }

  edit(message) {
    this.leave();
    this.editing = message;
    this.field.value = message.text;
    this.show('edit', t('edit.now'), message);
    this.grow();
    this.field.focus();
  }

  show(name, words, message) {
    this.about.hidden = false;
    fill(this.about, make('div.grow.about-words', {}, make('strong', {}, words, name === 'reply'
      ? ` ${message.fromName ?? ''}` : ''),
      make('span.one-line.soft', {}, message.text || message.file?.name || '')),
        iconButton('close', t('cancel'), () => this.leave()));
  }

  leave() {
    if (this.editing) this.field.value = draftOf(this.key)?.text ?? '';
    this.editing = null;
    this.replyTo = null;
    this.about.hidden = true;
    this.keep();
    this.grow();
  }

  setAsk(on) {
    this.ask = on;
    this.askButton.setAttribute('aria-pressed', String(on));
    this.keep();
    this.grow();
  }

  async send() {
    const text = this.field.value.trim();
    if (this.editing) {
      const { id } = this.editing;
      if (text) await edit(id, text).then(() => this.leave(), complain);
      return;
    }
    if (!text && !this.parcel.count) return;
    const options = { replyTo: this.replyTo?.id, ask: this.ask };
    const files = this.parcel.takeAll();
    this.field.value = '';
    this.replyTo = null;
    this.about.hidden = true;
    this.setAsk(false);
    rests(this.key);
    writes(this.key, '');
    try {
      if (text) await send(this.key, text, options);
    } catch (error) {
      complain(error);
      this.field.value = this.field.value ? `${text}\n${this.field.value}` : text;
      this.setAsk(Boolean(options.ask));
    }
    if (files) files.offer(this.key);
    this.grow();
  }

  insert(text) {
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, 'end');
    this.field.focus();
    this.changed();
  }

  pasted(event) {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    this.take(event.clipboardData);
  }

  /** Files that were pasted or dropped. */
  take(data) {
    this.parcel.addFrom(data);
  }

  attach(anchor) {
    openMenu(anchor, [
      { text: t('attach.files'), icon: 'file', press: () => this.parcel.choose(false) },
      { text: t('attach.folder'), icon: 'folder', press: () => this.parcel.choose(true) },
      null,
      { text: t('composer.enterSends'), checked: Boolean(store.state.prefs.enterSends),
        press: () => setPrefs({ enterSends: !store.state.prefs.enterSends }) },
    ]);
  }

  record() {
    recordVoice(this.querySelector('.composer-line'), (file) => this.parcel.sendNow(file, this.key));
  }
}
customElements.define('es-composer', Composer);

/** Why nobody can write here, or null. */
function barred(person, room) {
  if (room && room.standing !== 'joined') return t(`room.${room.standing}`);
  if (room && !room.may?.includes('write')) return t('room.onlyWriters');
  if (person?.trust === 'blocked') return t('trust.noWriting', { name: person.name });
  if (person?.trust === 'conflict') return t('trust.conflictNoWriting', { name: person.name });
  return null;
}
