import { fill, icon, iconButton, length, make, reach, t } from '../kit.js';
import { sentFile } from './sent.js';

const BARS = 48;
const MOST = 8_000_000;
let playing = null;

/** A sound: play, its wave, where one is in it. */
class Sound extends HTMLElement {
  connectedCallback() {
    if (this.audio) return;
    this.audio = new Audio();
    this.audio.preload = 'metadata';
    this.audio.src = this.dataset.src;
    this.play = iconButton('play', t('sound.play'), () => this.turn());
    this.time = make('span.faint.sound-time', {}, '0:00');
    this.wave = make('div.wave', { 'aria-hidden': 'true' });
    this.place = make('input.sound-place',
      { type: 'range', min: '0', max: '1000', value: '0', 'aria-label': t('sound.place'),
      oninput: () => { if (this.audio.duration) this.audio.currentTime =
        this.audio.duration * this.place.value / 1000; } });
    fill(this, this.play, make('div.wave-box', {}, this.wave, this.place), this.time);
    for (const name of ['play', 'pause', 'timeupdate', 'ended', 'loadedmetadata']) this.audio.addEventListener(name,
      () => this.draw());
    this.audio.addEventListener('error', () => this.remove());
    this.draw();
    this.measure().catch(() => {});
  }

  disconnectedCallback() { queueMicrotask(() => { if (!this.isConnected) this.audio.pause(); }); }

  turn() {
    if (!this.audio.paused) { this.audio.pause(); return; }
    if (playing !== this.audio) playing?.pause();
    playing = this.audio;
    this.audio.play().catch(() => {});
  }

  draw() {
    const { currentTime, duration, paused } = this.audio;
    const known = Number.isFinite(duration) ? duration : this.seconds ?? 0;
    fill(this.play, icon(paused ? 'play' : 'pause'));
    this.play.setAttribute('aria-label', t(paused ? 'sound.play' : 'sound.pause'));
    this.time.textContent = length((paused && !currentTime ? known : currentTime) * 1000);
    this.place.value = String(known ? (currentTime / known) * 1000 : 0);
    const done = known ? (currentTime / known) * BARS : 0;
    [...this.wave.children].forEach((bar, index) => bar.classList.toggle('done', index < done));
  }

  /** How loud it is over its length, as bars. */
  async measure() {
    const source = sentFile(this.dataset.id) ?? await reach(this.dataset.src);
    if ((source.size ?? Number(source.headers.get('Content-Length'))) > MOST) return;
    const decoded = await new OfflineAudioContext(1, 1, 44_100).decodeAudioData(await source.arrayBuffer());
    const samples = decoded.getChannelData(0);
    const step = Math.max(1, Math.floor(samples.length / BARS));
    const peaks = Array.from({ length: BARS }, (_, bar) => {
      let most = 0;
      for (let at = bar * step; at < Math.min(samples.length, (bar + 1) * step); at += 16) most =
        Math.max(most, Math.abs(samples[at]));
      return most;
    });
    const top = Math.max(...peaks, 0.01);
    this.seconds = decoded.duration;
    fill(this.wave, peaks.map((peak) => {
      const bar = make('span');
      bar.style.height = `${Math.max(8, (peak / top) * 100)}%`;
      return bar;
    }));
    this.draw();
  }
}
customElements.define('es-sound', Sound);
