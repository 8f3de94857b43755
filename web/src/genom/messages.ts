/* What the page and its worker say to each other. */

import type { Centroid, Sector, TokenClass } from '../genom.ts';

export interface ShownPiece {
  /* As it stands in the text, and whether a space stands before it. */
  text: string;
  space: boolean;
  /* null: bytes that no token stands for. */
  id: number | null;
  canonical: string;
  cls: TokenClass;
  sector: string;
  quadrant: number;
  theta: number;
  r: number;
}

/* In bytes. */
export interface Sizes {
  text: number;
  genom: number;
  gzip: number;
  brotli: number;
  zstd: number;
}

export interface Analysis {
  text: string;
  /* At most PIECES_MAX of `count`. */
  pieces: ShownPiece[];
  count: number;
  /* Of all of the text; null: it holds no token. */
  centroid: Centroid | null;
  sizes: Sizes;
  /* The coded bytes, at most HEX_MAX of them. */
  hex: string;
}

export const PIECES_MAX = 400;
export const HEX_MAX = 96;

/* Where the worker finds what it loads. */
export interface Start {
  wasm: string;
  pack: string;
  brotli: string;
  zstd: string;
}

export type Request = { start: Start } | { text: string };

export type Reply =
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'unpacking' }
  | { kind: 'ready'; name: string; tokens: number; sectors: Sector[] }
  | { kind: 'failed' }
  | { kind: 'analysis'; analysis: Analysis };
