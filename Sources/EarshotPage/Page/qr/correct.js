// Reed–Solomon over GF(256) with x⁸ + x⁴ + x³ + x² + 1, as QR codes have it.
const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = value;
  EXP[power + 255] = value;
  LOG[value] = power;
  value = (value << 1) ^ (value & 128 ? 0x11d : 0);
}

const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);
const over = (a, b) => (a ? EXP[LOG[a] + 255 - LOG[b]] : 0);

/** The value of a polynomial; the constant stands first. */
const at = (polynomial, x) => polynomial.reduceRight((sum, factor) => times(sum, x) ^ factor, 0);

/** A block without its `count` bytes of correction, and with what was wrong put right; null where too much is. */
export function correct(block, count) {
  const backwards = [...block].reverse();
  const syndromes = Array.from({ length: count }, (_, power) => at(backwards, EXP[power]));
  if (syndromes.some(Boolean)) {
    const locator = locate(syndromes);
    const wrong = locator.length - 1;
    const places = backwards.map((_, place) => place).filter((place) => at(locator, EXP[(255 - place) % 255]) === 0);
    if (wrong > count >> 1 || places.length !== wrong) return null;
    const evaluator = Array.from({ length: count }, (_, power) =>
      locator.slice(0, power + 1).reduce((sum, factor, index) => sum ^ times(factor, syndromes[power - index]), 0));
    const slope = locator.map((factor, power) => (power % 2 ? factor : 0)).slice(1);
    for (const place of places) {
      const inverse = EXP[(255 - place) % 255];
      const bottom = at(slope, inverse);
      if (!bottom) return null;
      backwards[place] ^= times(EXP[place], over(at(evaluator, inverse), bottom));
    }
    if (syndromes.some((_, power) => at(backwards, EXP[power]))) return null;
  }
  return backwards.reverse().slice(0, -count);
}

/** Berlekamp and Massey: the shortest polynomial whose roots say where it is wrong. */
function locate(syndromes) {
  let [locator, before, length, shift, scale] = [[1], [1], 0, 1, 1];
  for (let step = 0; step < syndromes.length; step += 1) {
    let off = syndromes[step];
    for (let index = 1; index <= length; index += 1) off ^= times(locator[index] ?? 0, syndromes[step - index]);
    if (!off) { shift += 1; continue; }
    const factor = over(off, scale);
    const next = Array.from({ length: Math.max(locator.length, before.length + shift) }, (_, index) =>
      (locator[index] ?? 0) ^ times(factor, before[index - shift] ?? 0));
    if (2 * length <= step) {
      [before, scale, length, shift] = [locator, off, step + 1 - length, 1];
    } else shift += 1;
    locator = next;
  }
  while (locator.length > 1 && !locator.at(-1)) locator.pop();
  return locator;
}
