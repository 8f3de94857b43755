/* Keeps the page itself, so that it opens without a server. What it is made of is written in by build.mjs. The
 * dictionary is the worker's to keep (load.ts). */

const PAGE = '/genom';
const FILES = '{{genom-files}}'.split(' ');
const CACHE = 'genom-page';

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Waiting {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([PAGE, ...FILES]);
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (pathname !== PAGE && !FILES.includes(pathname)) await cache.delete(url);
  }
}

/* The page from the server while there is one; its files have their content in their names. */
async function answer(request: Request, isPage: boolean): Promise<Response> {
  const cache = await caches.open(CACHE);
  if (!isPage) return (await cache.match(request)) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await cache.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

addEventListener('install', (event) => (event as Waiting).waitUntil(install()));

addEventListener('fetch', (event) => {
  const { request } = event as Fetching;
  const { pathname } = new URL(request.url);
  if (request.method !== 'GET' || (pathname !== PAGE && !FILES.includes(pathname))) return;
  (event as Fetching).respondWith(answer(request, pathname === PAGE));
});
