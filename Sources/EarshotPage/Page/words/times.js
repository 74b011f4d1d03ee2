import { locale, t } from './words.js';

const formats = new Map();
function format(name, options) {
  const key = `${locale()} ${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), options));
  return formats.get(key);
}

const DAY = 86_400_000;
const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** 14:05 */
export const clock = (at) => format('clock', { timeStyle: 'short' }).format(new Date(at));

/** The whole of it: Monday, 3 May 2026, 14:05:11 */
export const whole = (at) => format('whole', { dateStyle: 'full', timeStyle: 'medium' }).format(new Date(at));

/** Today, yesterday, Monday, 3 May or 3 May 2025. */
export function day(at, now = new Date()) {
  const date = new Date(at);
  const ago = Math.round((startOfDay(now) - startOfDay(date)) / DAY);
  if (ago === 0) return t('today');
  if (ago === 1) return t('yesterday');
  if (ago > 1 && ago < 7) return format('weekday', { weekday: 'long' }).format(date);
  const sameYear = date.getFullYear() === now.getFullYear();
  return format(sameYear ? 'day' : 'dayOfYear',
    { day: 'numeric', month: 'long', year: sameYear ? undefined : 'numeric' }).format(date);
}

/** As short as a list needs it: 14:05, yesterday, Mon, 3 May. */
export function brief(at, now = new Date()) {
  if (!at) return '';
  const date = new Date(at);
  const ago = Math.round((startOfDay(now) - startOfDay(date)) / DAY);
  if (ago <= 0) return clock(at);
  if (ago === 1) return t('yesterday');
  if (ago < 7) return format('short', { weekday: 'short' }).format(date);
  return format('date', { day: 'numeric', month: 'short' }).format(date);
}

/** A number that is the same for all moments of a day. */
export const dayNumber = (at) => startOfDay(new Date(at));

/** 3:07 */
export function length(ms) {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** 3 weeks, 2 days, 4 hours: the largest whole unit of a span in ms. */
export function span(ms) {
  const units = [['week', 7 * DAY], ['day', DAY], ['hour', DAY / 24], ['minute', 60_000], ['second', 1000]];
  const [unit, size] = units.find(([, most]) => ms >= most && ms % most === 0) ?? units.find(([, most]) => ms >= most)
    ?? units.at(-1);
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(Math.round(ms / size));
}

/** 1.4 MB */
export function bytes(count) {
  if (count === undefined || count === null) return '';
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let size = count;
  let at = 0;
  while (size >= 1000 && at < units.length - 1) { size /= 1000; at += 1; }
  return new Intl.NumberFormat(locale(), {
    style: 'unit', unit: units[at], unitDisplay: at ? 'short' : 'long', maximumFractionDigits: size < 10 && at ? 1 : 0,
  }).format(size);
}
