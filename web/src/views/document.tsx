/* The stored copy of a document, opened at a passage: beside the chat where there is room, else over it. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { api, ApiError, reason, type StoredDocument } from '../api.ts';
import { baseName, moment } from '../format.ts';
import { icons } from '../icons.tsx';
import { blocksOf, stringOffsets, windowOf, type Block } from '../offsets.ts';
import { closeDocument, type Panel } from '../route.ts';
import { announce, session } from '../state.ts';
import { CopyButton } from './copy.tsx';
import { Path } from './path.tsx';

/* How much text is drawn either side of the passage; a book in one piece would take seconds. */
const SPAN_CHARS = 60_000;
const CACHED_MAX = 4;
const cache = new Map<string, StoredDocument>();

async function fetchDocument(id: string, signal: AbortSignal): Promise<StoredDocument> {
  const known = cache.get(id);
  if (known) return known;
  const document = await api.document(id, signal);
  cache.set(id, document);
  for (const old of cache.keys()) if (cache.size > CACHED_MAX) cache.delete(old);
  return document;
}

export function forgetDocument(id: string): void {
  cache.delete(id);
}

export function DocumentPanel({ panel, modal }: { panel: Panel; modal: boolean }): JSX.Element {
  const [loaded, setLoaded] = useState<StoredDocument | null>(null);
  const [error, setError] = useState('');
  const [attempt, setAttempt] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const { document: id } = panel;
  const here = session.value === 'in';

  useEffect(() => {
    if (!here) return;
    const abort = new AbortController();
    setError('');
    fetchDocument(id, abort.signal).then(
      (d) => {
        if (abort.signal.aborted) return;
        setLoaded(d);
        announce(`Opened ${d.title || baseName(d.document)}`);
      },
      (e: unknown) => {
        if (abort.signal.aborted) return;
        const gone = e instanceof ApiError && e.status === 404;
        setError(gone ? 'The stored copy is not there any more: the document was removed or learned anew.' : reason(e));
      },
    );
    return () => abort.abort();
  }, [id, here, attempt]);

  /* The focus comes along, and goes back to what opened the panel when it closes: once the whole page is drawn, because
   * what lies under a panel that covers everything takes no focus until then. */
  useLayoutEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () =>
      queueMicrotask(() => {
        if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      });
  }, []);

  const shown = loaded?.id === id ? loaded : null;
  const title = shown ? shown.title || baseName(shown.document) : 'Stored copy';
  return (
    <section class="document" aria-label="Stored copy" role={modal ? 'dialog' : 'complementary'} aria-modal={modal ? true : undefined}>
      <header>
        <div>
          <h2 ref={heading} tabIndex={-1} dir="auto">{title}</h2>
          {shown ? <Path class="document-path" document={shown.document} /> : null}
        </div>
        {shown ? <CopyButton text={shown.document.replace(/^upload:/, '')} label="Copy the path" /> : null}
        <button type="button" class="icon-button" aria-label="Close the stored copy" title="Close (Esc)" onClick={closeDocument}>{icons.close}</button>
      </header>
      {error ? (
        <div class="ending bad pad" role="alert">
          <p>{error}</p>
          <button type="button" class="secondary" onClick={() => setAttempt(attempt + 1)}>{icons.retry}Try again</button>
        </div>
      ) : null}
      {shown ? <DocumentText key={id} stored={shown} start={panel.start} end={panel.end} /> : null}
      {!shown && !error ? <div class="skeleton wide pad" role="status" aria-label="Opening the document"><i /><i /><i /><i /></div> : null}
    </section>
  );
}

function DocumentText({ stored, start, end }: { stored: StoredDocument; start: number; end: number }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const cut = useMemo(() => {
    const headings = [...(stored.headings ?? [])].sort((a, b) => a.start - b.start);
    const starts = stringOffsets(stored.text, headings.map((h) => h.start));
    return blocksOf(stored.text, headings.map((h, i) => ({ at: starts[i]!, level: h.level })));
  }, [stored]);
  const [from = 0, to = 0] = useMemo(
    () => (end > start ? stringOffsets(stored.text, [start, end]) : [0, 0]),
    [stored, start, end],
  );
  const [range, setRange] = useState(() => windowOf(cut, from, to, SPAN_CHARS));
  const drawn = useRef({ from, to });
  if (drawn.current.from !== from || drawn.current.to !== to) {
    drawn.current = { from, to };
    setRange(windowOf(cut, from, to, SPAN_CHARS));
  }
  const toPassage = (smooth: boolean): void => {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const b = box.current;
    const mark = b?.querySelector('mark');
    if (!b || !mark) return;
    /* A third from the top: what leads up to the passage matters as well. */
    const at = b.scrollTop + mark.getBoundingClientRect().top - b.getBoundingClientRect().top;
    b.scrollTo({ top: at - b.clientHeight / 3, behavior: smooth && !calm ? 'smooth' : 'auto' });
  };
  useEffect(() => {
    if (to > from) toPassage(false);
  }, [stored, from, to]);

  const [first, last] = range;
  const shown = outline(cut.slice(first, last));
  const plain = /troff|plain|man/.test(stored.mime ?? '');
  return (
    <>
      <div class={plain ? 'document-text plain' : 'document-text'} ref={box} tabIndex={0} role="region" aria-label="Text of the document" dir="auto">
        <div class="document-column" lang="">
          {first > 0 ? <button type="button" class="secondary centre" onClick={() => setRange([Math.max(0, first - 200), last])}>Show what comes before</button> : null}
          {shown.map((b) => <TextBlock key={b.start} text={stored.text} block={b} from={from} to={to} />)}
          {last < cut.length ? <button type="button" class="secondary centre" onClick={() => setRange([first, Math.min(cut.length, last + 200)])}>Show what follows</button> : null}
          {cut.length === 0 ? <p class="quiet">This document has no text.</p> : null}
        </div>
      </div>
      <footer>
        <span class="quiet">{stored.learned_at ? `Learned ${moment(stored.learned_at)}` : ''}</span>
        {to > from ? <button type="button" class="link" onClick={() => toPassage(true)}>Go to the passage</button> : null}
      </footer>
    </>
  );
}

/* Headings as parts of this page: below the panel's own, and no level skipped on the way down. */
function outline(blocks: Block[]): Block[] {
  let level = 2;
  return blocks.map((b) => {
    if (b.level === 0) return b;
    level = Math.min(6, level + 1, b.level + 2);
    return { ...b, level };
  });
}

function TextBlock({ text, block, from, to }: { text: string; block: Block; from: number; to: number }): JSX.Element {
  const a = Math.max(block.start, Math.min(from, block.end));
  const b = Math.max(a, Math.min(to, block.end));
  const body = a < b ? (
    <>
      {text.slice(block.start, a)}
      <mark>{text.slice(a, b)}</mark>
      {text.slice(b, block.end)}
    </>
  ) : text.slice(block.start, block.end);
  if (block.level === 0) return <p>{body}</p>;
  const Level = `h${block.level}` as 'h3';
  return <Level>{body}</Level>;
}
