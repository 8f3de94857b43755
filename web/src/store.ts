/* The conversations: their list, the threads that are open, and the drafts.
 *
 * The server's history is the truth; the list here is refreshed after each answer and after signing in. */

import { computed, effect, signal } from '@preact/signals';
import { api, reason, type Conversation } from './api.ts';
import { go, goNew, route } from './route.ts';
import { notify, session, withUndo } from './state.ts';
import { storageGet, storageSet } from './look.ts';
import { Thread } from './thread.ts';

export const conversations = signal<Conversation[]>([]);
export const conversationsNext = signal<string | null>(null);
export const conversationsState = signal<'idle' | 'loading' | 'error'>('idle');

/* Deleted here but not yet there: the undo is still running. */
const hidden = new Set<string>();

function visible(list: Conversation[]): Conversation[] {
  return list.filter((c) => !hidden.has(c.id));
}

export async function refreshConversations(): Promise<void> {
  if (conversations.peek().length === 0) conversationsState.value = 'loading';
  try {
    const page = await api.conversations();
    const first = new Set(page.conversations.map((c) => c.id));
    const oldest = page.conversations.at(-1)?.updated_at ?? '';
    /* What was loaded below the first page stays below it. */
    const keep = page.next === null ? [] : conversations.peek().filter((c) => !first.has(c.id) && c.updated_at <= oldest);
    if (keep.length === 0) conversationsNext.value = page.next;
    conversations.value = visible([...page.conversations, ...keep]);
    conversationsState.value = 'idle';
  } catch {
    conversationsState.value = 'error';
  }
}

export async function moreConversations(): Promise<void> {
  const cursor = conversationsNext.peek();
  if (cursor === null || conversationsState.peek() === 'loading') return;
  conversationsState.value = 'loading';
  try {
    const page = await api.conversations(cursor);
    const known = new Set(conversations.peek().map((c) => c.id));
    conversations.value = visible([
      ...conversations.peek(),
      ...page.conversations.filter((c) => !known.has(c.id)),
    ]);
    conversationsNext.value = page.next;
    conversationsState.value = 'idle';
  } catch {
    conversationsState.value = 'error';
  }
}

export async function renameConversation(id: string, title: string): Promise<void> {
  const set = (to: string): void => {
    conversations.value = conversations.peek().map((c) => (c.id === id ? { ...c, title: to } : c));
    const thread = threads.find((t) => t.id.peek() === id);
    if (thread) thread.title.value = to;
  };
  const before = conversations.peek().find((c) => c.id === id)?.title ?? '';
  set(title);
  try {
    await api.rename(id, title);
  } catch (e) {
    set(before);
    notify('Not renamed: ' + reason(e), 'error');
  }
}

export function deleteConversation(id: string): void {
  const before = conversations.peek();
  const name = before.find((c) => c.id === id)?.title ?? 'Conversation';
  const here = route.peek();
  const wasHere = here.view === 'chat' && here.conversation === id;
  hidden.add(id);
  threads.find((t) => t.id.peek() === id)?.stop();
  conversations.value = visible(before);
  if (wasHere) goNew();
  const restore = (): void => {
    hidden.delete(id);
    void refreshConversations();
  };
  withUndo(
    `Deleted “${name}”`,
    () =>
      api.forget(id).then(
        () => dropThread(id),
        (e: unknown) => {
          restore();
          notify('Not deleted: ' + reason(e), 'error');
        },
      ),
    () => {
      restore();
      if (wasHere) go(here);
    },
  );
}

/* Open threads, most recently used last; old ones that are not being answered are let go. */
const THREADS_MAX = 8;
let threads: Thread[] = [];
let fresh: Thread | null = null;

function dropThread(id: string): void {
  threads = threads.filter((t) => t.id.peek() !== id);
}

function noteBusy(): void {
  busyThreads.value = threads.filter((t) => t.busy.peek()).map((t) => t.id.peek() ?? '');
}

function adopt(t: Thread): Thread {
  t.onStart = (id) => {
    const shown = thread.peek() === t;
    /* What was typed since the question was sent belongs to the conversation that now has a name. */
    const typed = t === fresh ? storageGet('session', NEW_DRAFT) : null;
    if (typed !== null) {
      storageSet('session', NEW_DRAFT, null);
      setDraft(t, typed, false);
    }
    if (t === fresh) fresh = null;
    if (!threads.includes(t)) threads.push(t);
    if (shown) go({ view: 'chat', conversation: id, panel: route.peek().panel }, 'replace', history.state);
    noteBusy();
    void refreshConversations();
  };
  t.onDone = () => {
    noteBusy();
    if (session.peek() === 'in') void refreshConversations();
  };
  t.onUnsent = (text) => setDraft(t, text);
  return t;
}

/* Conversations that are being answered right now. */
export const busyThreads = signal<string[]>([]);

export const thread = computed<Thread>(() => {
  const r = route.value;
  if (r.view !== 'chat') return (fresh ??= adopt(new Thread(null)));
  const known = threads.find((t) => t.id.peek() === r.conversation);
  if (known) {
    threads = [...threads.filter((t) => t !== known), known];
    return known;
  }
  const opened = adopt(new Thread(r.conversation));
  const idle = threads.filter((t) => !t.busy.peek());
  if (threads.length >= THREADS_MAX && idle[0]) threads = threads.filter((t) => t !== idle[0]);
  threads.push(opened);
  return opened;
});

/* The list knows renamings and new titles first. */
export const currentTitle = computed(() => {
  const t = thread.value;
  const id = t.id.value;
  return (id !== null && conversations.value.find((c) => c.id === id)?.title) || t.title.value;
});

/* A thread loads when it is first shown, and again when the session came back after it failed to. */
effect(() => {
  const t = thread.value;
  if (session.value !== 'in' || t.id.value === null) return;
  if (t.messages.peek().length === 0 && !t.busy.peek()) void t.load();
});

/* A chat that was begun goes its own way, answered or not; the new one is empty. */
export function startNew(): void {
  if (fresh && fresh.messages.peek().length > 0) fresh = null;
  goNew();
}

/* What is typed but not sent, by conversation. Kept for the session of the tab, so that a reload or a sign-in costs
 * nothing. */
const DRAFT_CHARS_MAX = 100_000;
const NEW_DRAFT = 'sky.draft.new';

function draftKey(t: Thread): string {
  const id = t.id.peek();
  return id === null ? NEW_DRAFT : 'sky.draft.' + id;
}

export const draftChanged = signal(0);

export function getDraft(t: Thread): string {
  return storageGet('session', draftKey(t)) ?? '';
}

export function setDraft(t: Thread, text: string, redraw = true): void {
  storageSet('session', draftKey(t), text === '' ? null : text.slice(0, DRAFT_CHARS_MAX));
  if (redraw) draftChanged.value++;
}
