/* What a text is compared with: gzip by the browser, Brotli and Zstandard by modules of their own, each at its best. */

/* By path: the packages name no module for a worker that is bundled. */
import initBrotli, { compress as brotli } from '../../node_modules/brotli-wasm/pkg.web/brotli_wasm.js';
import { compress as zstd, init as initZstd } from '../../node_modules/@bokuweb/zstd-wasm/dist/web/index.web.js';

const BROTLI_BEST = { quality: 11 };
const ZSTD_BEST = 22;

export async function loadPeers(brotliUrl: string, zstdUrl: string): Promise<void> {
  await Promise.all([initBrotli(brotliUrl), initZstd(zstdUrl)]);
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

export async function peerSizes(bytes: Uint8Array<ArrayBuffer>): Promise<{ gzip: number; brotli: number; zstd: number }> {
  return { gzip: await gzip(bytes), brotli: brotli(bytes, BROTLI_BEST).length, zstd: zstd(bytes, ZSTD_BEST).length };
}
