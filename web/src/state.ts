/* What the whole page knows: session, reachability, notices. Signals, no logic beyond their own consistency. */

import { computed, signal } from '@preact/signals';
import { api, hooks, ApiError, type Me } from './api.ts';

export type Session = 'checking' | 'in' | 'out' | 'unreachable';

export const session = signal<Session>('checking');
/* Who is signed in; kept when the session ends, so that the page stays as it was behind the sign-in. */
export const me = signal<Me | null>(null);
/* What the server lets this role do. It decides itself; the page does not offer what would be refused. */
export const mayLearn = computed(() => me.value?.role === 'owner');
export const mayForget = computed(() => me.value?.role === 'owner' || me.value?.role === 'admin');
/* Why the sign-in view is showing, where there is something to say. */
export const loginNotice = signal<'expired-code' | 'ended' | null>(null);
export const online = signal(true);

/* Text for screen readers; replaced, never appended, so that each finished answer is read once. */
export const announcement = signal('');

export function announce(text: string): void {
  /* The same words twice in a row would not be read again. */
  announcement.value = announcement.peek() === text ? text + '\u00a0' : text;
}

/* Asks the server whether the cookie still opens it. */
export async function checkSession(): Promise<void> {
  try {
    me.value = await api.session();
    session.value = 'in';
    loginNotice.value = null;
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) session.value = 'out';
    else if (session.peek() !== 'in') session.value = 'unreachable';
  }
}

hooks.unauthorised = () => {
  if (session.peek() !== 'in') return;
  loginNotice.value = 'ended';
  session.value = 'out';
};

hooks.reachable = (yes) => {
  online.value = yes;
};

export interface Notice {
  key: number;
  text: string;
  kind: 'info' | 'error';
  action?: { label: string; run: () => void };
}

export const notices = signal<Notice[]>([]);
const NOTICES_MAX = 4;
const NOTICE_MS = 6000;
let noticeKey = 0;

export function dismiss(key: number): void {
  notices.value = notices.peek().filter((n) => n.key !== key);
}

export function notify(text: string, kind: Notice['kind'] = 'info', action?: Notice['action']): number {
  const key = ++noticeKey;
  const notice: Notice = action ? { key, text, kind, action } : { key, text, kind };
  notices.value = [...notices.peek(), notice].slice(-NOTICES_MAX);
  setTimeout(() => dismiss(key), NOTICE_MS);
  return key;
}

const pending = new Map<number, () => Promise<unknown>>();

/* Does something that can still be taken back for a few seconds. `commit` runs when the time is over or the page is
 * left, `revert` when the reader says undo. */
export function withUndo(text: string, commit: () => Promise<unknown>, revert: () => void): void {
  const key = notify(text, 'info', {
    label: 'Undo',
    run: () => {
      clearTimeout(timer);
      pending.delete(key);
      dismiss(key);
      revert();
    },
  });
  const finish = async (): Promise<void> => {
    if (pending.delete(key)) await commit();
  };
  pending.set(key, finish);
  const timer = setTimeout(() => void finish(), NOTICE_MS);
}

/* Ends the time for undoing. */
export async function commitPending(): Promise<void> {
  await Promise.all([...pending.values()].map((finish) => finish()));
}

addEventListener('pagehide', () => void commitPending());

/* Signing out on purpose leaves nothing behind: what is stored goes, and a fresh page forgets the rest. */
export async function signOut(): Promise<void> {
  await commitPending();
  await api.signOut();
  try {
    sessionStorage.clear();
  } catch {
    /* storage is off: nothing was kept */
  }
  history.replaceState(null, '', '/');
  location.reload();
}
