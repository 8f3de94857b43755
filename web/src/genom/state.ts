/* What the page knows: how far the dictionary is, the text, and what the worker found in it. */

import { computed, signal } from '@preact/signals';
import type { Sector } from '../genom.ts';
import type { Analysis, Reply, Request, Start } from './messages.ts';

export type Loading = { state: 'loading'; done: number; total: number } | { state: 'unpacking' } | { state: 'ready' } | { state: 'failed' };

export const loading = signal<Loading>({ state: 'loading', done: 0, total: 0 });
export const dictionary = signal<{ name: string; tokens: number; sectors: Sector[] } | null>(null);
export const text = signal('We make every message short, and every word a point.');
export const analysis = signal<Analysis | null>(null);
/* The piece that is looked at. */
export const looked = signal<number | null>(null);

export const piece = computed(() => (looked.value === null ? null : (analysis.value?.pieces[looked.value] ?? null)));

let worker: Worker | null = null;
let busy = false;

const ask = (request: Request): void => worker?.postMessage(request);

/* One text at a time: while it is looked at, only the newest waits. */
function next(): void {
  if (busy || loading.peek().state !== 'ready' || analysis.peek()?.text === text.peek()) return;
  busy = true;
  ask({ text: text.peek() });
}

function onReply(reply: Reply): void {
  if (reply.kind === 'progress') loading.value = { state: 'loading', done: reply.done, total: reply.total };
  else if (reply.kind === 'unpacking') loading.value = { state: 'unpacking' };
  else if (reply.kind === 'failed') loading.value = { state: 'failed' };
  else if (reply.kind === 'ready') {
    dictionary.value = reply;
    loading.value = { state: 'ready' };
    next();
  } else {
    busy = false;
    looked.value = null;
    analysis.value = reply.analysis;
    next();
  }
}

export function setText(value: string): void {
  text.value = value;
  next();
}

export function load(): void {
  const data = document.getElementById('app')?.dataset;
  const path = (name: string): string => data?.[name] ?? '';
  const start: Start = { wasm: path('wasm'), pack: path('pack'), brotli: path('brotli'), zstd: path('zstd') };
  loading.value = { state: 'loading', done: 0, total: 0 };
  worker?.terminate();
  busy = false;
  worker = new Worker(path('worker'), { type: 'module' });
  worker.addEventListener('message', (event: MessageEvent<Reply>) => onReply(event.data));
  worker.addEventListener('error', () => onReply({ kind: 'failed' }));
  ask({ start });
}
