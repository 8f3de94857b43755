/* Fetches the packed dictionary once and keeps it: asked for again only when the server has another one, and not at all
 * when there is no server to ask. */

const CACHE = 'genom-dictionary';

/* Of what is told about a download: the page draws each, and hundreds would keep it from anything else. */
const STEPS = 25;

/* Pages that came over plain HTTP from another machine have no cache of their own; the browser's has to do. */
async function storage(): Promise<Cache | null> {
  try {
    return 'caches' in globalThis ? await caches.open(CACHE) : null;
  } catch {
    return null;
  }
}

/* Does the server still have the one that is kept? Yes if nobody answers. */
async function isCurrent(url: string, kept: Response): Promise<boolean> {
  try {
    const now = await fetch(url, { method: 'HEAD', cache: 'no-store' });
    return !now.ok || now.headers.get('etag') === kept.headers.get('etag');
  } catch {
    return true;
  }
}

async function download(url: string, progress: (done: number, total: number) => void): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${url}: ${response.status}`);
  const total = Number(response.headers.get('content-length'));
  let done = 0;
  let told = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, out) {
        done += chunk.length;
        if (done >= total || done - told >= total / STEPS) {
          told = done;
          progress(done, total);
        }
        out.enqueue(chunk);
      },
    }),
  );
  /* Whole before anybody keeps it. */
  const bytes = await new Response(counted).arrayBuffer();
  return new Response(bytes, { headers: { etag: response.headers.get('etag') ?? '', 'content-type': 'application/gzip' } });
}

async function unzip(packed: Response): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await packed.blob();
  return new Uint8Array(await new Response(bytes.stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
}

export async function loadPack(url: string, progress: (done: number, total: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const cache = await storage();
  const kept = await cache?.match(url);
  if (kept && (await isCurrent(url, kept))) return unzip(kept);
  const fresh = await download(url, progress);
  /* The disk may be full: then it is fetched again next time. */
  await cache?.put(url, fresh.clone()).catch(() => undefined);
  return unzip(fresh);
}

/* What is kept is no dictionary: next time it is fetched again. */
export async function forgetPack(url: string): Promise<void> {
  await (await storage())?.delete(url);
}
