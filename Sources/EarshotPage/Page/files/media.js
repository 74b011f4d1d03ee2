import { make } from '../elements/make.js';
import { icon } from '../elements/icons.js';
import { openDialog } from '../elements/dialog.js';
import { t } from '../words/words.js';
import './sound.js';

const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;
const FILM = /^video\/(mp4|webm|ogg)$/;
const SOUND = /^audio\/(ogg|webm|mpeg|mp3|wav|x-wav|wave|flac|x-flac|opus)$/;

/** The picture, sound or film of a transfer, where its bytes are here; or null. What cannot be shown is taken away
 * again. */
export function media(one) {
  const here = one.direction === 'out' ? !one.folder : one.state === 'complete';
  if (!here || one.count !== 1 || one.folder || !one.type || one.warning || !one.files?.length) return null;
  const address = `/api/v1/transfers/${one.id}/files/0?inline=1`;
  if (PICTURE.test(one.type)) return picture(address, one);
  if (FILM.test(one.type)) return make('video.film',
    { src: address, controls: true, preload: 'metadata', 'aria-label': one.name, onerror: gone });
  if (SOUND.test(one.type) || (/^(video\/webm|audio\/)/.test(one.type) && one.name.startsWith('voice-'))) {
    return make('es-sound', { 'data-src': address, 'data-name': one.name });
  }
  return null;
}

const gone = (event) => event.currentTarget.closest('.picture-button, .film')?.remove();

function picture(address, one) {
  const image = make('img.picture', { src: address, alt: one.name, loading: 'lazy', decoding: 'async', onerror: gone });
  return make('button.picture-button', { type: 'button', 'aria-label': t('file.look', { name: one.name }),
    onclick: () => openDialog({
    title: one.name, wide: true,
    body: make('div.lightbox', {}, make('img', { src: address, alt: one.name }),
      make('a.button', { href: `/api/v1/transfers/${one.id}/files/0`, download: one.name }, icon('download'),
        t('file.save'))),
  }) }, image);
}
