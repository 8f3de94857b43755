/* Where the reader is, kept in the address's fragment so that back, forward, reload and bookmarks work:
 *
 *   #/                      a new chat
 *   #/c/ID                  a conversation
 *   #/knowledge             what was learned
 *   …?doc=ID&from=12&to=40  any of these with a stored document open at a passage (byte offsets)
 */

import { signal } from '@preact/signals';

export interface Panel {
  document: string;
  start: number;
  end: number;
}

export type Route = { panel: Panel | null } & (
  { view: 'new' } | { view: 'chat'; conversation: string } | { view: 'knowledge' }
);

const ID = /^[A-Za-z0-9._~:-]{1,128}$/;

function offset(text: string | null): number {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : 0;
}

export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?', 2);
  const fields = new URLSearchParams(search);
  const document = fields.get('doc') ?? '';
  const panel = ID.test(document)
    ? { document, start: offset(fields.get('from')), end: offset(fields.get('to')) }
    : null;
  if (path === '/knowledge') return { view: 'knowledge', panel };
  const conversation = path.startsWith('/c/') ? path.slice(3) : '';
  if (ID.test(conversation)) return { view: 'chat', conversation, panel };
  return { view: 'new', panel };
}

export function formatRoute(r: Route): string {
  const base = r.view === 'knowledge' ? '#/knowledge' : r.view === 'chat' ? '#/c/' + r.conversation : '#/';
  if (!r.panel) return base;
  const fields = new URLSearchParams({ doc: r.panel.document });
  if (r.panel.end > r.panel.start) {
    fields.set('from', String(r.panel.start));
    fields.set('to', String(r.panel.end));
  }
  return base + '?' + fields.toString();
}

export const route = signal<Route>(parseRoute(location.hash));

/* Stepping back takes the browser a moment. What the reader does meanwhile waits for it, or the step would undo that. */
let stepping = false;
let waiting: (() => void)[] = [];

addEventListener('popstate', () => {
  stepping = false;
  const late = waiting;
  waiting = [];
  if (late.length === 0) route.value = parseRoute(location.hash);
  for (const run of late) run();
});

export function go(to: Route, how: 'push' | 'replace' = 'push', state: unknown = null): void {
  route.value = to;
  if (stepping) waiting.push(() => write(to, how, state));
  else write(to, how, state);
}

function write(to: Route, how: 'push' | 'replace', state: unknown): void {
  const hash = formatRoute(to);
  if (how === 'replace' || hash === location.hash) history.replaceState(state, '', hash);
  else history.pushState(state, '', hash);
}

export function goNew(): void {
  go({ view: 'new', panel: null });
}

export function goChat(conversation: string): void {
  go({ view: 'chat', conversation, panel: null });
}

export function goKnowledge(): void {
  go({ view: 'knowledge', panel: null });
}

/* Marks a history entry that was made by opening a document: stepping back from it closes the document again. */
interface Opened {
  opened: true;
}

/* Only the first document opened makes a step in the history: "back" then always closes the panel. */
export function openDocument(document: string, start = 0, end = 0): void {
  const to = { ...route.peek(), panel: { document, start, end } };
  const opened: Opened = { opened: true };
  if (route.peek().panel) go(to, 'replace', history.state);
  else go(to, 'push', opened);
}

export function closeDocument(): void {
  if (!route.peek().panel) return;
  const to = { ...route.peek(), panel: null };
  if (stepping || !(history.state as Partial<Opened> | null)?.opened) return go(to, 'replace');
  stepping = true;
  route.value = to;
  history.back();
}
