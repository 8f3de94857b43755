/* The dictionary and the codec, in a thread of their own: the page stays quick while 47 MB are unpacked. */

import { Genom, type Piece } from '../genom.ts';
import { forgetPack, loadPack } from './load.ts';
import { HEX_MAX, PIECES_MAX, type Analysis, type Reply, type Request, type ShownPiece, type Start } from './messages.ts';
import { loadPeers, peerSizes } from './peers.ts';

let genom: Genom | null = null;

const reply = (message: Reply): void => postMessage(message);

async function start({ wasm, pack, brotli, zstd }: Start): Promise<void> {
  try {
    const [code, dict] = await Promise.all([
      fetch(wasm).then((r) => r.arrayBuffer()),
      loadPack(pack, (done, total) => reply({ kind: 'progress', done, total })),
      loadPeers(brotli, zstd),
    ]);
    reply({ kind: 'unpacking' });
    genom = await Genom.open(code, dict).catch(async (error: unknown) => {
      await forgetPack(pack);
      throw error;
    });
    reply({ kind: 'ready', name: genom.name, tokens: genom.count, sectors: genom.sectors });
  } catch {
    reply({ kind: 'failed' });
  }
}

function shown(genom: Genom, bytes: Uint8Array, piece: Piece): ShownPiece {
  const token = piece.id === null ? null : genom.token(piece.id);
  return {
    text: new TextDecoder().decode(bytes.subarray(piece.at, piece.at + piece.length)),
    space: piece.space,
    id: piece.id,
    canonical: token?.canonical ?? '',
    cls: piece.cls,
    sector: token?.sector ?? '',
    quadrant: token?.quadrant ?? 0,
    theta: token?.theta ?? 0,
    r: token?.r ?? 0,
  };
}

async function analyse(genom: Genom, text: string): Promise<Analysis> {
  const bytes = new TextEncoder().encode(text);
  const coded = genom.encode(bytes);
  const pieces = genom.tokens(bytes);
  return {
    text,
    pieces: pieces.slice(0, PIECES_MAX).map((piece) => shown(genom, bytes, piece)),
    count: pieces.length,
    centroid: genom.centroid(bytes),
    sizes: { text: bytes.length, genom: coded.length, ...(await peerSizes(bytes)) },
    hex: Array.from(coded.subarray(0, HEX_MAX), (byte) => byte.toString(16).padStart(2, '0')).join(' '),
  };
}

addEventListener('message', (event: MessageEvent<Request>) => {
  const { data } = event;
  if ('start' in data) void start(data.start);
  else if (genom) void analyse(genom, data.text).then((analysis) => reply({ kind: 'analysis', analysis }));
});
