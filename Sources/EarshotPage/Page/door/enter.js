import { keepKey } from './key.js';
import { reach } from '../kit.js';

/** Exchanges the one-time token of the address (`#TOKEN`) for the cookie and the key. Answers with what went wrong, or null. */
export async function enter() {
  const token = location.hash.slice(1);
  if (!/^[a-z2-7]{52}$/.test(token)) return null;
  history.replaceState(null, '', location.pathname);
  try {
    const response = await reach('/api/v1/enter', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    keepKey((await response.json().catch(() => ({}))).key);
    return null;
  } catch (error) {
    return error;
  }
}
