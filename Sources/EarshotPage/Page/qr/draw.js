const SVG = 'http://www.w3.org/2000/svg';

/** The quiet edge around a code, in modules. */
const EDGE = 4;

/** A QR code as a picture. `rows` are texts of 0 and 1. Dark is dark in every theme, or no camera reads it. */
export function drawQR(rows, label) {
  const size = rows.length + 2 * EDGE;
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.setAttribute('shape-rendering', 'crispEdges');
  svg.append(shape('M0 0h' + size + 'v' + size + 'h-' + size + 'z', 'qr-light'), shape(path(rows), 'qr-dark'));
  return svg;
}

function shape(d, className) {
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', d);
  path.setAttribute('class', className);
  return path;
}

/** One stroke for each run of dark modules. */
const path = (rows) => rows.flatMap((row, y) => [...row.matchAll(/1+/g)].map(({ index, 0: { length } }) =>
  `M${index + EDGE} ${y + EDGE}h${length}v1h-${length}z`)).join('');
