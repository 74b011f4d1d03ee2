import { icon, make, openDialog, t } from '../kit.js';
import { sentAddress } from './sent.js';
import './sound.js';

const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;
const FILM = /^video\/(mp4|webm|ogg)$/;
const SOUND = /^audio\/(ogg|webm|mpeg|mp3|wav|x-wav|wave|flac|x-flac|opus)$/;

/** The picture, sound or film of a transfer, where its bytes are here; or null. What cannot be shown is taken away
 * again. */
export function media(one) {
  const here = one.direction === 'out' ? !one.folder : one.state === 'complete';
  if (!here || one.count !== 1 || one.folder || !one.type || one.warning) return null;
  const sent = sentAddress(one.id);
  if (!sent && !one.files?.length) return null;
  const address = sent ?? `/api/v1/transfers/${one.id}/files/0?inline=1`;
  if (PICTURE.test(one.type)) return picture(address, one);
  if (FILM.test(one.type)) return make('video.film',
    { src: address, controls: true, preload: 'metadata', 'aria-label': one.name, onerror: gone });
  if (SOUND.test(one.type) || (/^(video\/webm|audio\/)/.test(one.type) && one.name.startsWith('voice-'))) {
    return make('es-sound', { 'data-src': address, 'data-id': one.id, 'data-name': one.name });
  }
  return null;
}

const gone = (event) => event.currentTarget.closest('.picture-button, .film')?.remove();

/** The small picture that an offer has with it. */
export const small = (one) => (/^[A-Za-z0-9+/=]+$/.test(one.picture ?? '') ? `data:image/png;base64,${one.picture}` : null);

function picture(address, one) {
  const smaller = (event) => {
    const source = small(one);
    if (!source || event.currentTarget.src === source) return gone(event);
    return event.currentTarget.closest('.picture-button').replaceWith(make('img.picture.small', { src: source, alt: one.name }));
  };
  const image = make('img.picture',
    { src: address, alt: one.name, loading: 'lazy', decoding: 'async', onerror: smaller });
  return make('button.picture-button', { type: 'button', 'aria-label': t('file.look', { name: one.name }),
    onclick: () => openDialog({
    title: one.name, wide: true,
    body: make('div.lightbox', {}, make('img', { src: address, alt: one.name }),
      make('a.button', { href: address.replace('?inline=1', ''), download: one.name }, icon('download'),
        t('file.save'))),
  }) }, image);
}
