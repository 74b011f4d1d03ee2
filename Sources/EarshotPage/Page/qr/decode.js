import { correct } from './correct.js';

/** By level (L, M, Q, H) and version from 1 to 10: bytes of correction a block, and how many blocks. */
const CORRECTION = [
  [7, 10, 15, 20, 26, 18, 20, 24, 30, 18],
  [10, 16, 26, 18, 24, 16, 18, 22, 22, 26],
  [13, 22, 18, 26, 18, 24, 18, 22, 20, 24],
  [17, 28, 22, 16, 22, 28, 26, 26, 24, 28],
];
const BLOCKS = [
  [1, 1, 1, 1, 1, 2, 2, 2, 2, 4],
  [1, 1, 1, 2, 2, 4, 4, 4, 5, 5],
  [1, 1, 2, 2, 4, 4, 6, 6, 8, 8],
  [1, 1, 2, 4, 4, 4, 5, 6, 8, 8],
];
const LEVELS = [1, 0, 3, 2];
const MASKS = [
  (x, y) => (x + y) % 2, (_x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** The text of a code by its modules (rows of 0 and 1), or null. */
export function decode(modules) {
  const version = (modules.length - 17) / 4;
  const format = formatOf(modules);
  if (!format) return null;
  const bytes = blocksOf(codewords(modules, version, format.mask), version, format.level);
  return bytes && textOf(bytes, version);
}

/** Level and mask are written twice, with 15 bits of which a few may be wrong. */
function formatOf(modules) {
  const size = modules.length;
  const one = [...[0, 1, 2, 3, 4, 5, 7, 8].map((x) => modules[8][x]),
    ...[7, 5, 4, 3, 2, 1, 0].map((y) => modules[y][8])];
  const other = [...[1, 2, 3, 4, 5, 6, 7].map((y) => modules[size - y][8]),
    ...[8, 7, 6, 5, 4, 3, 2, 1].map((x) => modules[8][size - x])];
  let best = { off: 4 };
  for (let data = 0; data < 32; data += 1) {
    let rest = data;
    for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    const bits = ((data << 10) | rest) ^ 0x5412;
    for (const read of [one, other]) {
      const off = read.filter((bit, index) => bit !== ((bits >> (14 - index)) & 1)).length;
      if (off < best.off) best = { off, level: LEVELS[data >> 3], mask: data & 7 };
    }
  }
  return best.off < 4 ? best : null;
}

/** The bytes in the order in which they are written, without the mask. */
function codewords(modules, version, mask) {
  const size = modules.length;
  const taken = functionModules(size, version);
  const bits = [];
  for (let right = size - 1, up = true; right >= 1; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (!taken(x, y)) bits.push(modules[y][x] ^ (MASKS[mask](x, y) === 0 ? 1 : 0));
      }
    }
  }
  return Array.from({ length: bits.length >> 3 }, (_, index) =>
    bits.slice(index * 8, index * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0));
}

/** Whether a module is of the frame of the code, and not of what is written in it. */
function functionModules(size, version) {
  const places = version === 1 ? [] : version < 7 ? [6, size - 7] : [6, (size - 1) / 2, size - 7];
  const aligned = (x, y) => places.some((row) => places.some((column) =>
    Math.abs(x - column) <= 2 && Math.abs(y - row) <= 2
    && !(column === 6 && row === 6) && !(column === 6 && row === size - 7) && !(column === size - 7 && row === 6)));
  return (x, y) => x === 6 || y === 6
    || (x < 9 && y < 9) || (x > size - 9 && y < 9) || (x < 9 && y > size - 9) || aligned(x, y)
    || (version >= 7 && ((x > size - 12 && y < 6) || (y > size - 12 && x < 6)));
}

/** The data of all blocks, each corrected; null where one is beyond it. */
function blocksOf(bytes, version, level) {
  const count = BLOCKS[level][version - 1];
  const correction = CORRECTION[level][version - 1];
  const short = Math.floor(bytes.length / count);
  const firstLong = count - (bytes.length % count);
  const blocks = Array.from({ length: count }, () => []);
  let next = 0;
  for (let at = 0; at < short - correction + 1; at += 1) {
    for (let block = 0; block < count; block += 1) {
      if (at < short - correction || block >= firstLong) blocks[block].push(bytes[next++]);
    }
  }
  for (let at = 0; at < correction; at += 1) for (const block of blocks) block.push(bytes[next++]);
  const data = blocks.map((block) => correct(block, correction));
  return data.includes(null) ? null : data.flat();
}

/** The segments of the data: numbers, capital letters and bytes. */
function textOf(bytes, version) {
  let at = 0;
  const take = (count) => {
    let value = 0;
    for (const end = at + count; at < end; at += 1) value = value * 2 + (((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return value;
  };
  const left = () => bytes.length * 8 - at;
  const out = [];
  const write = (text) => out.push(...new TextEncoder().encode(text));
  while (left() >= 4) {
    const mode = take(4);
    if (mode === 0) break;
    if (mode === 4) {
      for (let count = take(version < 10 ? 8 : 16); count > 0 && left() >= 8; count -= 1) out.push(take(8));
    } else if (mode === 2) {
      for (let count = take(version < 10 ? 9 : 11); count > 0 && left() > 0; count -= 2) {
        const pair = take(count === 1 ? 6 : 11);
        write(count === 1 ? LETTERS[pair] ?? '' : (LETTERS[Math.floor(pair / 45)] ?? '') + LETTERS[pair % 45]);
      }
    } else if (mode === 1) {
      for (let count = take(version < 10 ? 10 : 12); count > 0 && left() > 0; count -= 3) {
        const digits = Math.min(3, count);
        write(String(take([0, 4, 7, 10][digits])).padStart(digits, '0'));
      }
    } else if (mode === 7) take(8);
    else return null;
  }
  return new TextDecoder().decode(new Uint8Array(out));
}
