import { Bound, make, openThread, t } from '../kit.js';
import '../composer/composer.js';
import '../files/card.js';
import './find.js';
import './head.js';
import './messages.js';
import './notes.js';
import './typing.js';

/** A conversation: its head, what is to be known first, the messages, who is typing, and where one writes. */
class Thread extends Bound {
  connectedCallback() {
    const { key } = this.dataset;
    const part = (name) => make(name, { 'data-key': key });
    this.append(part('es-head'), part('es-find'), part('es-notes'),
      make('div.messages-box', {}, part('es-messages')), part('es-typing'), part('es-composer'));
    this.drop = make('div.drop', { hidden: true }, t('files.drop'));
    this.append(this.drop);
    this.addEventListener('dragover', (event) => this.over(event));
    this.addEventListener('dragleave', (event) => { if (!this.contains(event.relatedTarget)) this.drop.hidden =
      true; });
    this.addEventListener('drop', (event) => this.dropped(event));
    openThread(key);
  }

  disconnectedCallback() {}

  over(event) {
    if (![...event.dataTransfer.types].includes('Files')) return;
    event.preventDefault();
    this.drop.hidden = false;
  }

  dropped(event) {
    this.drop.hidden = true;
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    this.querySelector('es-composer').take(event.dataTransfer);
  }
}
customElements.define('es-thread', Thread);
