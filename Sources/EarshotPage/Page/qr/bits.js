const BLOCK = 8;

/** Dark and light: each pixel is compared with what is usual around it, so that a shadow does not matter. */
export function blackAndWhite(data, width, height) {
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = (data[at * 4] * 77 + data[at * 4 + 1] * 150 + data[at * 4 + 2] * 29) >> 8;
  }
  const across = Math.ceil(width / BLOCK);
  const down = Math.ceil(height / BLOCK);
  const mean = blockMeans(grey, width, height, across, down);
  const dark = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      dark[y * width + x] = grey[y * width + x] <= mean[(y >> 3) * across + (x >> 3)] ? 1 : 0;
    }
  }
  return { width, height, isDark: (x, y) => x >= 0 && y >= 0 && x < width && y < height && dark[y * width + x] === 1 };
}

/** What is usual around each block of 8 × 8: the mean of 5 × 5 blocks. */
function blockMeans(grey, width, height, across, down) {
  const own = new Float32Array(across * down);
  for (let row = 0; row < down; row += 1) {
    for (let column = 0; column < across; column += 1) {
      own[row * across + column] = blockMean(grey, width, height, row, column, own, across);
    }
  }
  const around = new Float32Array(across * down);
  for (let row = 0; row < down; row += 1) {
    for (let column = 0; column < across; column += 1) {
      let sum = 0;
      let count = 0;
      for (let y = Math.max(0, row - 2); y <= Math.min(down - 1, row + 2); y += 1) {
        for (let x = Math.max(0, column - 2); x <= Math.min(across - 1, column + 2); x += 1) {
          sum += own[y * across + x];
          count += 1;
        }
      }
      around[row * across + column] = sum / count;
    }
  }
  return around;
}

/** Where all is alike in a block, it is as its neighbours are, and light where they do not say. */
function blockMean(grey, width, height, row, column, own, across) {
  let [sum, count, least, most] = [0, 0, 255, 0];
  for (let y = row * BLOCK; y < Math.min(height, (row + 1) * BLOCK); y += 1) {
    for (let x = column * BLOCK; x < Math.min(width, (column + 1) * BLOCK); x += 1) {
      const value = grey[y * width + x];
      sum += value;
      count += 1;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  if (most - least > 24) return sum / count;
  if (!row || !column) return least / 2;
  const above = (row - 1) * across + column;
  const near = (own[row * across + column - 1] + 2 * own[above] + own[above - 1]) / 4;
  return least < near ? near : least / 2;
}
