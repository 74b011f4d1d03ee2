import { blackAndWhite } from './bits.js';
import { findCorners } from './corners.js';
import { sampleCode } from './sample.js';
import { decode } from './decode.js';

/**
 * The text of a QR code in a picture (`ImageData`), or null. Codes of version 1 to 10, upright or turned or seen at an
 * angle; all that a card of Earshot needs. A picture is a stranger's: nothing here trusts a size or a count in it.
 */
export function readQR({ data, width, height }) {
  const picture = blackAndWhite(data, width, height);
  for (const corners of findCorners(picture)) {
    for (const modules of sampleCode(picture, corners)) {
      const text = decode(modules);
      if (text !== null) return text;
    }
  }
  return null;
}
