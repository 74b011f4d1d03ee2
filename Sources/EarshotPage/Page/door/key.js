const NAME = 'earshot-key';

/**
 * The key that this browser was given with its cookie. Servers of others on this machine are sent the cookie too, for a
 * cookie knows no ports; what this page keeps they never see.
 */
export function keyHeader() {
  let key = null;
  try { key = localStorage.getItem(NAME); } catch { /* A browser that keeps nothing has none. */ }
  return key ? { 'X-Earshot-Key': key } : {};
}

export function keepKey(key) {
  if (key) localStorage.setItem(NAME, key);
}
