/**
 * Answers when the node does not: with a page that says so. It keeps that page and nothing else; what people say goes
 * past it.
 */
const SHELL = ['/away.html', '/away.js', '/style/tokens.css', '/style/base.css', '/icon.svg'];
const NAME = `shell ${new URL(location.href).searchParams.get('v')}`;

self.addEventListener('install', (event) => {
  event.addRoutes?.([{ condition: { urlPattern: '/api/*' }, source: 'network' }])?.catch(() => {});
  event.waitUntil(fetched().then(() => self.skipWaiting()));
});

async function fetched() {
  const cache = await caches.open(NAME);
  await cache.addAll(SHELL.map((path) => new Request(path, { cache: 'no-cache' })));
}

self.addEventListener('activate', (event) => event.waitUntil(begin()));

async function begin() {
  for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

self.addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.mode === 'navigate' && !pathname.startsWith('/api/')) {
    event.respondWith(first(event, '/away.html'));
  } else if (SHELL.includes(pathname)) event.respondWith(first(event, pathname));
});

/** What the node says, or what is kept. */
async function first(event, path) {
  try {
    return (await event.preloadResponse) ?? await fetch(event.request);
  } catch {
    return await caches.match(path) ?? Response.error();
  }
}
