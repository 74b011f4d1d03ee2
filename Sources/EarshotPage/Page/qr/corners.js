/** How many candidates are looked at; a picture full of them is not worth more. */
const MOST = 12;

/** Three of the squares in the corners of a code, as {topLeft, topRight, bottomLeft}: the likeliest first. */
export function findCorners(picture) {
  const found = squares(picture);
  const threes = [];
  for (let a = 0; a < found.length; a += 1) {
    for (let b = a + 1; b < found.length; b += 1) {
      for (let c = b + 1; c < found.length; c += 1) threes.push(inOrder([found[a], found[b], found[c]]));
    }
  }
  return threes.filter(({ doubt }) => doubt < 0.8).sort((one, other) => one.doubt - other.doubt).slice(0, 8);
}

/** Places where dark and light are as 1:1:3:1:1 across and down. */
function squares({ width, height, isDark }) {
  const found = [];
  const step = Math.max(1, Math.floor(height / 400));
  for (let y = step; y < height; y += step) {
    let runs = [0, 0, 0, 0, 0];
    for (let x = 0; x <= width; x += 1) {
      const last = x === 0 || isDark(x - 1, y);
      if (x < width && isDark(x, y) === last) { runs[4] += 1; continue; }
      if (last && fits(runs)) consider(found, isDark, x - runs[4] - runs[3] - runs[2] / 2, y, runs);
      runs = [...runs.slice(1), 1];
    }
  }
  return found.sort((one, other) => other.seen - one.seen).slice(0, MOST);
}

function fits(runs) {
  const total = runs.reduce((sum, run) => sum + run, 0);
  if (total < 7 || runs.includes(0)) return false;
  const unit = total / 7;
  return runs.every((run, index) => Math.abs(run - unit * (index === 2 ? 3 : 1)) < unit * (index === 2 ? 1.5 : 0.75));
}

/** Looks up and down, then left and right again, from what was found in a line. */
function consider(found, isDark, x, y, runs) {
  const total = runs.reduce((sum, run) => sum + run, 0);
  const down = through(isDark, Math.round(x), y, 0, 1, total);
  if (!down) return;
  const middle = y + down.shift;
  const across = through(isDark, Math.round(x), Math.round(middle), 1, 0, total);
  if (!across) return;
  const one = { x: Math.round(x) + across.shift, y: middle, unit: (down.total + across.total) / 14, seen: 1 };
  const same = found.find((other) => Math.hypot(other.x - one.x, other.y - one.y) < other.unit * 3);
  if (!same) { found.push(one); return; }
  const weight = same.seen + 1;
  for (const key of ['x', 'y', 'unit']) same[key] = (same[key] * same.seen + one[key]) / weight;
  same.seen = weight;
}

/** The five runs through a dark point in a direction; `shift` is from the point to the middle of them. */
function through(isDark, x, y, dx, dy, most) {
  const runs = [0, 0, 0, 0, 0];
  const walk = (sign, slots) => {
    let far = sign > 0 ? 1 : 0;
    for (const slot of slots) {
      const dark = slot !== 1 && slot !== 3;
      while (runs[slot] <= most && far <= most * 2 && isDark(x + sign * dx * far, y + sign * dy * far) === dark) {
        runs[slot] += 1;
        far += 1;
      }
    }
    return far;
  };
  walk(-1, [2, 1, 0]);
  const before = runs[2];
  walk(1, [2, 3, 4]);
  if (!fits(runs)) return null;
  return { total: runs.reduce((sum, run) => sum + run, 0), shift: (runs[2] - 2 * before) / 2 + 0.5 };
}

/** Which of three is at the right angle, and which way the others go. `doubt`: how little they look like corners. */
function inOrder(three) {
  const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
  const [at, one, other] = three.map((corner, index) => [corner, three[(index + 1) % 3], three[(index + 2) % 3]])
    .sort((a, b) => far(b[1], b[2]) - far(a[1], a[2]))[0];
  const turn = (one.x - at.x) * (other.y - at.y) - (one.y - at.y) * (other.x - at.x);
  const [topRight, bottomLeft] = turn > 0 ? [one, other] : [other, one];
  const [right, down, across] = [far(at, topRight), far(at, bottomLeft), far(topRight, bottomLeft)];
  const units = three.map(({ unit }) => unit);
  const doubt = Math.abs(1 - right / down) + Math.abs(1 - across ** 2 / (right ** 2 + down ** 2))
    + (Math.max(...units) / Math.min(...units) - 1);
  return { topLeft: at, topRight, bottomLeft, doubt: Number.isFinite(doubt) ? doubt : Infinity };
}
