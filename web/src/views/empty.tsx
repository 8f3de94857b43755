/* A chat that has not begun: what this is, and three questions that the documents here can answer. */

import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { api, type DocumentInfo } from '../api.ts';
import { examplesFrom } from '../examples.ts';
import { icons, Mark } from '../icons.tsx';
import { learned } from '../learn.ts';
import { goKnowledge } from '../route.ts';
import { mayLearn, session } from '../state.ts';
import type { Thread } from '../thread.ts';
import { status } from '../watch.ts';

const EXAMPLES = 3;
const DAY_MS = 86_400_000;

/* The list is sorted by name, so its beginning alone would show one folder only. */
const PAGE = 500;
const PAGES_MAX = 4;
let known: { count: number; list: DocumentInfo[] } | null = null;

async function titles(count: number, signal: AbortSignal): Promise<DocumentInfo[]> {
  if (known?.count === count) return known.list;
  const list: DocumentInfo[] = [];
  let after: string | null = null;
  for (let i = 0; i < PAGES_MAX; i++) {
    const page: Awaited<ReturnType<typeof api.documents>> = await api.documents('', after, signal, PAGE);
    list.push(...page.documents);
    after = page.next;
    if (after === null) break;
  }
  known = { count, list };
  return list;
}

/* Their places, while they are looked for: what is below must not jump. */
function Examples(): JSX.Element {
  return (
    <ul class="examples" aria-hidden="true">
      {Array.from({ length: EXAMPLES }, (_, i) => <li key={i} class="example-place" />)}
    </ul>
  );
}

export function Empty({ thread }: { thread: Thread }): JSX.Element {
  const [examples, setExamples] = useState<string[] | null>(null);
  const news = learned.value;
  const here = session.value === 'in';
  const documents = status.value?.knowledge.documents;
  const any = (documents ?? 0) > 0;
  useEffect(() => {
    if (!here || !any) return;
    const abort = new AbortController();
    titles(documents ?? 0, abort.signal).then(
      (list) => setExamples(examplesFrom(list, EXAMPLES, Math.floor(Date.now() / DAY_MS))),
      () => abort.signal.aborted || setExamples([]),
    );
    return () => abort.abort();
  }, [here, news, any]);

  return (
    <div class="empty">
      <Mark size={44} />
      <h2>What would you like to know?</h2>
      {documents === 0 ? (
        <>
          <p class="lead">
            sky answers from your own documents and has none yet. {mayLearn.value ? 'Drop files on this page, or add a folder.' : 'Whoever runs this server can add some.'}
          </p>
          {mayLearn.value ? <button type="button" class="primary" onClick={goKnowledge}>{icons.folder}Add documents</button> : null}
        </>
      ) : (
        <>
          <p class="lead">Answers come from your own documents, on this machine, with the passage beside them.</p>
          {examples === null ? <Examples /> : null}
          {examples !== null && examples.length > 0 ? (
            <ul class="examples" aria-label="Examples from your documents">
              {examples.map((q) => (
                <li key={q}><button type="button" onClick={() => thread.ask(q)}><span dir="auto">{q}</span></button></li>
              ))}
            </ul>
          ) : null}
        </>
      )}
    </div>
  );
}
