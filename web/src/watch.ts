/* Watches the server: its status for the line under the composer, and whether it is there at all.
 *
 * While it is there, the status is asked for every few seconds, faster while something is being learned. When a call
 * finds it gone, only its health is asked, with growing pauses, until it answers; then everything is fetched anew. */

import { effect, signal } from '@preact/signals';
import { api, type Status } from './api.ts';
import { learned } from './learn.ts';
import { checkSession, online, session } from './state.ts';
import { refreshConversations, thread } from './store.ts';

export const status = signal<Status | null>(null);
/* When the next attempt to reach the server is made. */
export const retryAt_ms = signal(0);

const IDLE_MS = 20_000;
const ACTIVE_MS = 2_000;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 15_000;

let timer: ReturnType<typeof setTimeout> | undefined;
let retry_ms = RETRY_MS_MIN;

function later(run: () => void, ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(run, ms);
}

async function poll(): Promise<void> {
  clearTimeout(timer);
  if (session.peek() !== 'in') return;
  try {
    status.value = await api.status();
  } catch {
    /* Unreachable or signed out: the hooks have told, and the effects below react. */
  }
  if (!online.peek() || session.peek() !== 'in') return;
  const active = status.peek()?.learning?.active === true;
  later(() => void poll(), document.hidden ? IDLE_MS : active ? ACTIVE_MS : IDLE_MS);
}

/* Asks at once whether the server is back. */
export async function tryReach(): Promise<void> {
  clearTimeout(timer);
  try {
    await api.alive();
  } catch {
    /* An answer of any kind still means that it is there. */
  }
  if (online.peek()) return;
  retryAt_ms.value = Date.now() + retry_ms;
  later(() => void tryReach(), retry_ms);
  retry_ms = Math.min(RETRY_MS_MAX, retry_ms * 1.6);
}

export function startWatching(): void {
  let wasOnline = true;
  effect(() => {
    const now = online.value;
    if (now === wasOnline) return;
    wasOnline = now;
    if (!now) {
      retryAt_ms.value = Date.now() + retry_ms;
      return later(() => void tryReach(), retry_ms);
    }
    retry_ms = RETRY_MS_MIN;
    void checkSession().then(() => {
      if (session.peek() !== 'in') return;
      void refreshConversations();
      const t = thread.peek();
      if (t.messages.peek().length === 0) void t.load();
      void poll();
    });
  });
  effect(() => {
    if (session.value === 'in') {
      void poll();
      void refreshConversations();
    } else status.value = null;
  });
  effect(() => {
    if (learned.value > 0) void poll();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    if (online.peek()) {
      void poll();
      if (session.peek() === 'in') void refreshConversations();
    } else void tryReach();
  });
  addEventListener('online', () => void tryReach());
}
