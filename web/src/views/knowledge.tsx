/* What was learned: the documents, search in their names and passages, forgetting, and ways to add more. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { api, isAbort, reason, type DocumentInfo, type Passage, type ReadAs } from '../api.ts';
import { excerpt, holds, wordsOf } from '../excerpt.ts';
import { number, plural } from '../format.ts';
import { icons } from '../icons.tsx';
import { learned } from '../learn.ts';
import { openDocument, route, closeDocument } from '../route.ts';
import { mayForget, mayLearn, notify, withUndo } from '../state.ts';
import { status } from '../watch.ts';
import { AddKnowledge } from './add.tsx';
import { forgetDocument } from './document.tsx';
import { DocumentRow } from './documentrow.tsx';
import { ReadAsNote } from './readas.tsx';
import { SourceCard } from './sources.tsx';

const TYPING_MS = 200;
const PASSAGES = 6;

/* Forgotten here but not yet there: the undo is still running. */
const hidden = new Set<string>();

function isOpen(p: Passage): boolean {
  const panel = route.value.panel;
  return panel?.document === p.document_id && panel.start === p.start;
}

function Excerpt({ text, words }: { text: string; words: string[] }): JSX.Element {
  return <>{excerpt(text, words).map((p) => (p.hit ? <mark>{p.text}</mark> : p.text))}</>;
}

export function KnowledgeView(): JSX.Element {
  const [q, setQ] = useState('');
  const [documents, setDocuments] = useState<DocumentInfo[]>([]);
  const [passages, setPassages] = useState<Passage[]>([]);
  const [readAs, setReadAs] = useState<ReadAs[] | undefined>();
  /* Of the search that found the passages: what is being typed is ahead of them. */
  const [words, setWords] = useState<string[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [state, setState] = useState<'loading' | 'idle' | 'error'>('loading');
  const [error, setError] = useState('');
  const [version, setVersion] = useState(0);
  const running = useRef<AbortController | null>(null);
  const news = learned.value;
  const counts = status.value?.knowledge;
  const total = counts?.documents;

  const load = useCallback(async (term: string): Promise<void> => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    try {
      const [page, found] = await Promise.all([
        api.documents(term, null, abort.signal),
        term.length > 1 ? api.passages(term, PASSAGES, abort.signal) : null,
      ]);
      if (abort.signal.aborted) return;
      setDocuments(page.documents.filter((d) => !hidden.has(d.id)));
      setNext(page.next);
      setPassages(found?.results ?? []);
      setReadAs(found?.read_as);
      /* What was meant is shown where it stands, too. */
      setWords(wordsOf([term, ...(found?.read_as ?? []).map((r) => r.as)].join(' ')));
      setState('idle');
    } catch (e) {
      if (isAbort(e)) return;
      setError(reason(e));
      setState('error');
    }
  }, []);

  useEffect(() => {
    const timer = setTimeout(() => void load(q.trim()), q === '' ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [q, news, version, total, load]);
  useEffect(() => () => running.current?.abort(), []);

  const more = async (): Promise<void> => {
    try {
      const page = await api.documents(q.trim(), next);
      const known = new Set(documents.map((d) => d.id));
      setDocuments([...documents, ...page.documents.filter((d) => !hidden.has(d.id) && !known.has(d.id))]);
      setNext(page.next);
    } catch (e) {
      notify('Not loaded: ' + reason(e), 'error');
    }
  };
  const forget = (d: DocumentInfo): void => {
    hidden.add(d.id);
    setDocuments(documents.filter((o) => o.id !== d.id));
    if (route.peek().panel?.document === d.id) closeDocument();
    const restore = (): void => {
      hidden.delete(d.id);
      setVersion((v) => v + 1);
    };
    withUndo(
      `Forgot “${d.title || d.document}”`,
      () =>
        api.unlearn(d.id).then(
          () => {
            forgetDocument(d.id);
            learned.value++;
          },
          (e: unknown) => {
            restore();
            notify('Not forgotten: ' + reason(e), 'error');
          },
        ),
      restore,
    );
  };

  return (
    <main class="knowledge" id="main" tabIndex={-1}>
      <div class="knowledge-column">
        <header>
          <h1>Knowledge</h1>
          {counts ? (
            <p class="quiet">
              {plural(counts.documents, 'document')}, {plural(counts.chunks, 'passage')}
              {counts.vectors < counts.chunks ? `, ${number(counts.vectors)} of them searchable by meaning so far` : ''}
            </p>
          ) : null}
        </header>
        {mayLearn.value ? <AddKnowledge /> : null}
        <label class="search-field">
          {icons.search}
          <span class="sr-only">Search documents and passages</span>
          <input type="search" placeholder="Search documents and passages" value={q} onInput={(e) => setQ(e.currentTarget.value)} />
        </label>
        {state === 'error' ? (
          <div class="ending bad" role="alert">
            <p>The documents could not be loaded. {error}</p>
            <button type="button" class="secondary" onClick={() => setVersion(version + 1)}>{icons.retry}Try again</button>
          </div>
        ) : null}
        {state === 'loading' ? <div class="skeleton wide" role="status" aria-label="Loading documents"><i /><i /><i /></div> : null}
        {passages.length > 0 ? (
          <section>
            <h2>Passages</h2>
            <ReadAsNote words={readAs} />
            {passages.some((p) => holds(`${p.title} ${p.location} ${p.text}`, words)) ? null : (
              <p class="quiet near" role="status">No passage has these words; nearest by meaning:</p>
            )}
            <ul class="passages">
              {passages.map((p) => (
                <li key={`${p.document_id}.${p.start}`}>
                  <SourceCard {...p} quote={<Excerpt text={p.text.trim()} words={words} />} current={isOpen(p)} open={() => openDocument(p.document_id, p.start, p.end)} />
                </li>
              ))}
            </ul>
          </section>
        ) : null}
        {state === 'idle' ? (
          <section aria-live="off">
            {q.trim() ? <h2>Documents</h2> : null}
            <ul class="documents">{documents.map((d) => <DocumentRow key={d.id} document={d} open={() => openDocument(d.id)} forget={mayForget.value ? () => forget(d) : null} />)}</ul>
            {documents.length === 0 ? (
              <p class="quiet pad">{q.trim() ? 'No document has that in its name.' : 'Nothing was learned yet.' + (mayLearn.value ? ' Drop files anywhere on this page.' : '')}</p>
            ) : null}
            {next !== null ? <button type="button" class="secondary centre" onClick={() => void more()}>Show more</button> : null}
          </section>
        ) : null}
      </div>
    </main>
  );
}
