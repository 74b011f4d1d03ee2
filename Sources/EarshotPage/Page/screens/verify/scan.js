import { button, make, t } from '../../kit.js';

/** How often a picture of the camera is looked at, in ms, and how wide it is made for that. */
const EVERY = 200;
const WIDTH = 640;

/** What reads codes is fetched when there is something to read. */
const reader = async () => (await import('../../qr/read.js')).readQR;

/** Reads a QR code from the camera, or from a picture. `found(text)` throws what is wrong with it: it goes on then. */
export function scanner(found) {
  const problem = make('p.note.danger', { role: 'alert', hidden: true });
  const video = make('video.scan', { playsinline: true, 'aria-label': t('card.camera'), hidden: true });
  const file = make('input', { type: 'file', accept: 'image/*', hidden: true, onchange: async () => {
    if (file.files[0]) await fromPicture(file.files[0]);
  } });
  const say = (words) => { problem.textContent = words; problem.hidden = false; };
  const hear = async (text) => {
    try {
      await found(text);
      return true;
    } catch (error) {
      say(error.message);
      return false;
    }
  };

  async function fromPicture(picture) {
    try {
      const bitmap = await createImageBitmap(picture);
      const text = (await reader())(pixels(bitmap, Math.min(1600, bitmap.width)));
      if (text) await hear(text);
      else say(t('card.nothing'));
    } catch {
      say(t('card.nothing'));
    }
  }

  async function fromCamera() {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch {
      say(t('card.noCamera'));
      return;
    }
    video.hidden = false;
    await video.play();
    watch();
  }

  let last = '';
  async function watch() {
    if (!video.isConnected) { stop(); return; }
    const text = (await reader())(pixels(video, WIDTH));
    if (text && text !== last) {
      last = text;
      if (await hear(text)) { stop(); return; }
    }
    setTimeout(watch, EVERY);
  }

  function stop() {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    video.hidden = true;
  }

  return make('div.stack.scanner', {}, video, make('div.spread.wrap', {},
    button(t('card.useCamera'), fromCamera, 'small'), button(t('card.usePicture'), () => file.click(), 'small'), file),
      problem);
}

/** The pixels of a picture or film, made `width` wide. */
function pixels(source, width) {
  const wide = source.videoWidth || source.width;
  const high = source.videoHeight || source.height;
  const canvas = make('canvas',
    { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round((width * high) / Math.max(1, wide))) });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
