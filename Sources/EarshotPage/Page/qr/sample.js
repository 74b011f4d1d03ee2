/** The greatest version that is read. */
const MOST_VERSION = 10;

/** The modules of a code, as they would be with its corners there: tried by several sizes and lower right corners. */
export function* sampleCode(picture, { topLeft, topRight, bottomLeft }) {
  const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
  const unit = (topLeft.unit + topRight.unit + bottomLeft.unit) / 3;
  const guess = ((far(topLeft, topRight) + far(topLeft, bottomLeft)) / 2 / unit + 7 - 17) / 4;
  for (const version of [0, 1, -1, 2, -2].map((off) => Math.round(guess) + off)) {
    if (version < 1 || version > MOST_VERSION) continue;
    const size = version * 4 + 17;
    for (const corner of lowerRights(picture, { topLeft, topRight, bottomLeft }, size, unit)) {
      const at = corner.aligned ? size - 6.5 : size - 3.5;
      const from = [[3.5, 3.5], [size - 3.5, 3.5], [at, at], [3.5, size - 3.5]];
      const map = perspective(from, [topLeft, topRight, corner, bottomLeft]);
      if (map) yield modulesOf(picture, size, map);
    }
  }
}

function modulesOf({ isDark }, size, map) {
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_none, column) => {
    const [x, y] = map(column + 0.5, row + 0.5);
    return isDark(Math.floor(x), Math.floor(y)) ? 1 : 0;
  }));
}

/** Where the fourth corner may be: at the small square near it if there is one, else where it is in a flat picture. */
function* lowerRights(picture, { topLeft, topRight, bottomLeft }, size, unit) {
  const flat = { x: topRight.x + bottomLeft.x - topLeft.x, y: topRight.y + bottomLeft.y - topLeft.y };
  if (size > 21) {
    const share = 1 - 3 / (size - 7);
    const near = { x: topLeft.x + share * (flat.x - topLeft.x), y: topLeft.y + share * (flat.y - topLeft.y) };
    const small = smallSquare(picture, near, unit);
    if (small) yield { ...small, aligned: true };
  }
  yield flat;
}

/** The middle of a dark, light, dark square of five modules, nearest to where it should be. */
function smallSquare({ isDark }, { x, y }, unit) {
  let best = null;
  const reach = Math.ceil(unit * 4);
  const ring = [[1, 0], [-1, 0], [0, 1], [0, -1]];
  for (let dy = -reach; dy <= reach; dy += 1) {
    for (let dx = -reach; dx <= reach; dx += 1) {
      const at = (far, [across, down]) =>
        isDark(Math.round(x + dx + across * unit * far), Math.round(y + dy + down * unit * far));
      if (!at(0, [0, 0]) || !ring.every((way) => !at(1, way) && at(2, way))) continue;
      if (![[1, 1], [-1, 1], [1, -1], [-1, -1]].every((way) => !at(1, way) && at(2, way))) continue;
      const off = Math.hypot(dx, dy);
      if (!best || off < best.off) best = { off, dx, dy, sumX: 0, sumY: 0, count: 0 };
      if (Math.hypot(dx - best.dx, dy - best.dy) >= unit) continue;
      best.sumX += dx;
      best.sumY += dy;
      best.count += 1;
    }
  }
  return best && { x: x + best.sumX / best.count + 0.5, y: y + best.sumY / best.count + 0.5 };
}

/** The map that takes four points to four others, as a plane is seen at an angle; null where they lie in a line. */
function perspective(from, to) {
  const lines = from.flatMap(([x, y], index) => {
    const { x: u, y: v } = to[index];
    return [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]];
  });
  for (let column = 0; column < 8; column += 1) {
    let best = column;
    for (let row = column; row < 8; row += 1) if (Math.abs(lines[row][column]) > Math.abs(lines[best][column])) best = row;
    [lines[column], lines[best]] = [lines[best], lines[column]];
    const pivot = lines[column][column];
    if (Math.abs(pivot) < 1e-9) return null;
    lines[column] = lines[column].map((value) => value / pivot);
    for (let row = 0; row < 8; row += 1) {
      const factor = lines[row][column];
      if (row === column || !factor) continue;
      lines[row] = lines[row].map((value, index) => value - factor * lines[column][index]);
    }
  }
  const [a, b, c, d, e, f, g, h] = lines.map((line) => line[8]);
  return (x, y) => {
    const depth = g * x + h * y + 1;
    return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
  };
}
