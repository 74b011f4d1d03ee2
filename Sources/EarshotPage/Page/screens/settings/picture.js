import { make, t } from '../../kit.js';

/** A profile picture is square, at most so wide, and at most so many bytes. */
const SIZE = 256;
const MOST = 64 * 1024;

/** A picture made small: a JPEG in base64. What it was called and where it was taken stays out of it. */
export async function smallPicture(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(t('profile.notAPicture'));
  }
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = make('canvas', { width: SIZE, height: SIZE });
  canvas.getContext('2d').drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0,
    SIZE, SIZE);
  for (const quality of [0.9, 0.8, 0.65, 0.5]) {
    const [, data] = canvas.toDataURL('image/jpeg', quality).split(',');
    if (data.length * 0.75 < MOST) return data;
  }
  throw new Error(t('profile.notAPicture'));
}
