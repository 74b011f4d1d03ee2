import { choice, span, t } from '../kit.js';

const HOUR = 3_600_000;
const OFFERED = [0, HOUR, 24 * HOUR, 7 * 24 * HOUR, 28 * 24 * HOUR];

/** After how long messages are dropped; `set(ms)` is told, 0 is never. */
export function lifetimeChoice(now, set) {
  const all = OFFERED.includes(now) ? OFFERED : [...OFFERED, now].sort((a, b) => a - b);
  return choice(all.map((ms) => [String(ms), ms ? t('lifetime.after', { time: span(ms) }) : t('lifetime.never')]),
    String(now),
    (value) => set(Number(value)), { 'aria-label': t('lifetime.title') });
}
