import { reach } from './rpc.js';

/** Exchanges the one-time token of the address (`#TOKEN`) for the cookie. Answers with what went wrong, or null. */
export async function enter() {
  const token = location.hash.slice(1);
  if (!/^[a-z2-7]{52}$/.test(token)) return null;
  history.replaceState(null, '', location.pathname);
  try {
    await reach('/api/v1/enter', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    return null;
  } catch (error) {
    return error;
  }
}
