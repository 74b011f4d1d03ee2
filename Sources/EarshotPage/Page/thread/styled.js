import { iconButton, make, t, toast } from '../kit.js';

const TAGS = { strong: 'strong', emphasis: 'em', strike: 's', code: 'code', quote: 'blockquote' };

/**
 * A message's text as nodes. Spans count Unicode scalars and nest; their signs (`mark`) are left out.
 * `names` are what is highlighted with an @ before it.
 */
export function styled(text, spans = [], names = []) {
  const letters = Array.from(text);
  const tree = { from: 0, to: letters.length, inside: [] };
  const sorted = spans.filter(({ from, to }) => from >= 0 && from < to && to <= letters.length)
    .sort((a, b) => a.from - b.from || b.to - a.to);
  for (const span of sorted) put(tree, { ...span, inside: [] });
  return nodes(tree, letters, names);
}

function put(parent, span) {
  const last = parent.inside.at(-1);
  if (last && span.from < last.to && span.to <= last.to) put(last, span);
  else if (!last || span.from >= last.to) parent.inside.push(span);
}

function nodes(span, letters, names) {
  const out = [];
  let at = span.from;
  for (const child of span.inside) {
    if (child.from > at) out.push(...plain(letters.slice(at, child.from).join(''), names));
    const node = element(child, letters, names);
    if (node) out.push(node);
    at = child.to;
    if (child.kind === 'block' || child.kind === 'quote') while (letters[at] === '\n' && at < span.to
      && at < child.to + 1) at += 1;
  }
  if (at < span.to) out.push(...plain(letters.slice(at, span.to).join(''), names));
  return out;
}

function element(span, letters, names) {
  const text = letters.slice(span.from, span.to).join('');
  if (span.kind === 'mark') return null;
  if (span.kind === 'block') return block(span, letters);
  if (span.kind === 'link') return link(text) ?? document.createTextNode(text);
  const inside = nodes(span, letters, span.kind === 'code' ? [] : names);
  if (span.kind === 'quote' && inside[0]?.nodeType === Node.TEXT_NODE) inside[0].data =
    inside[0].data.replace(/^ /, '');
  return make(TAGS[span.kind] ?? 'span', {}, inside);
}

/** Code by lines: what encloses it is left out, and it can be copied. */
function block(span, letters) {
  const marks = span.inside.filter(({ kind }) => kind === 'mark');
  const from = marks[0]?.to ?? span.from;
  const to = marks.length > 1 ? marks.at(-1).from : span.to;
  const code = letters.slice(from, to).join('').replace(/^\n|\n$/g, '');
  const copy = iconButton('copy', t('code.copy'), async (event) => {
    event.stopPropagation();
    await navigator.clipboard.writeText(code);
    toast(t('copied'));
  });
  return make('div.code-block', { dir: 'ltr' }, make('pre', { tabindex: '0' }, make('code', {}, code)), copy);
}

/** Only what a browser may open for a stranger; everything else stays text. */
export function link(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return null;
  return make('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer', dir: 'ltr', title: url.href }, text);
}

function plain(text, names) {
  if (!names.length || !text.includes('@')) return [document.createTextNode(text)];
  const pattern = new RegExp(`(@(?:${names.map(escape).join('|')}))`, 'giu');
  return text.split(pattern).filter(Boolean).map((piece) =>
    (pattern.test(piece) && piece.startsWith('@') ? make('span.mention', {}, piece) : document.createTextNode(piece)));
}

const escape = (name) => name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
