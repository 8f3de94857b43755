/* What the server is doing now, as it tells every two seconds while somebody looks; see GET /api/admin/events.
 *
 * A stream that breaks is asked for again, with growing pauses; while the page is hidden there is none. */

import { effect, signal } from '@preact/signals';
import { isAbort, send, ApiError } from '../api.ts';
import { readEvents } from '../sse.ts';

export interface LiveLevel {
  level: string;
  /* Since the start. */
  answers: number;
  /* Of the last minute; null where there was no answer. */
  answers_minute: number;
  p50_ms: number | null;
  p95_ms: number | null;
}

export interface Live {
  at: string;
  store: string;
  http: {
    requests_s: number;
    errors_s: number;
    in_flight: number;
    connections: number;
    requests: { '2xx': number; '3xx': number; '4xx': number; '5xx': number };
  };
  levels: LiveLevel[];
  process: { cpu_percent: number; cpu_s: number; memory_bytes: number };
  learning: { active: boolean; vectors_pending: number; second_pending: number; rate_s: number; eta_s: number };
  knowledge: { documents: number; chunks: number; vectors: number };
}

export type LiveState = 'live' | 'reconnecting' | 'off';

export const live = signal<Live | null>(null);
export const liveState = signal<LiveState>('off');
export const liveWanted = signal(true);
const hidden = signal(document.hidden);

/* Several times what the server lets pass between two events. */
const SILENCE_MS = 10_000;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;

document.addEventListener('visibilitychange', () => void (hidden.value = document.hidden));

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

async function follow(stop: AbortSignal): Promise<void> {
  let retry_ms = RETRY_MS_MIN;
  liveState.value = 'reconnecting';
  while (!stop.aborted) {
    try {
      const response = await send('GET', '/api/admin/events', { signal: stop, accept: 'text/event-stream' });
      for await (const event of readEvents(response.body as ReadableStream<Uint8Array>, SILENCE_MS)) {
        if (event.name !== 'now') continue;
        live.value = JSON.parse(event.data) as Live;
        liveState.value = 'live';
        retry_ms = RETRY_MS_MIN;
      }
    } catch (e) {
      if (isAbort(e)) return;
      /* Whoever may not look any more will not be let in by asking again. */
      if (e instanceof ApiError && (e.status === 401 || e.status === 403)) break;
    }
    if (stop.aborted) return;
    liveState.value = 'reconnecting';
    await pause(retry_ms, stop);
    retry_ms = Math.min(RETRY_MS_MAX, retry_ms * 1.8);
  }
  if (!stop.aborted) liveState.value = 'off';
}

/* Follows while it is wanted and the page is seen; returns what ends it. */
export function startLive(): () => void {
  return effect(() => {
    if (!liveWanted.value || hidden.value) {
      liveState.value = 'off';
      return undefined;
    }
    const abort = new AbortController();
    void follow(abort.signal);
    return () => abort.abort();
  });
}
