/* A chat that has not begun: what this is, and three things to begin with: questions that the documents here can answer, or documents. */

import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { api, type DocumentInfo } from '../api.ts';
import { examplesFrom, toLookInto, type Example } from '../examples.ts';
import { icons, Mark } from '../icons.tsx';
import { learned } from '../learn.ts';
import { goKnowledge, openDocument } from '../route.ts';
import { mayLearn, session } from '../state.ts';
import type { Thread } from '../thread.ts';
import { status } from '../watch.ts';

const EXAMPLES = 3;
const DAY_MS = 86_400_000;

/* The list is sorted by name, so its beginning alone would show one folder only. */
const PAGE = 500;
const PAGES_MAX = 4;
/* A stored copy comes whole, so few are looked into, and no large ones. */
const LOOKS_MAX = 8;
const LOOK_BYTES_MAX = 65_536;
let known: { count: number; day: number; examples: Example[] } | null = null;

async function titles(signal: AbortSignal): Promise<DocumentInfo[]> {
  const list: DocumentInfo[] = [];
  let after: string | null = null;
  for (let i = 0; i < PAGES_MAX; i++) {
    const page: Awaited<ReturnType<typeof api.documents>> = await api.documents('', after, signal, PAGE);
    list.push(...page.documents);
    after = page.next;
    if (after === null) break;
  }
  return list;
}

/* What is forgotten meanwhile has no headings. */
async function headingsOf(documents: DocumentInfo[], signal: AbortSignal): Promise<Map<string, string[]>> {
  const looks = documents.map(async (d): Promise<[string, string[]]> => {
    const headings = await api.document(d.id, signal).then((copy) => copy.headings, () => []);
    return [d.id, headings.map((h) => h.text)];
  });
  return new Map(await Promise.all(looks));
}

async function choose(count: number, signal: AbortSignal): Promise<Example[]> {
  const day = Math.floor(Date.now() / DAY_MS);
  if (known?.count === count && known.day === day) return known.examples;
  const list = await titles(signal);
  let examples = examplesFrom(list, new Map(), EXAMPLES, day);
  if (examples.some((e) => 'id' in e)) {
    examples = examplesFrom(list, await headingsOf(toLookInto(list, LOOKS_MAX, day, LOOK_BYTES_MAX), signal), EXAMPLES, day);
  }
  if (!signal.aborted) known = { count, day, examples };
  return examples;
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
  const [examples, setExamples] = useState<Example[] | null>(null);
  const news = learned.value;
  const here = session.value === 'in';
  const documents = status.value?.knowledge.documents;
  const any = (documents ?? 0) > 0;
  useEffect(() => {
    if (!here || !any) return;
    const abort = new AbortController();
    choose(documents ?? 0, abort.signal).then(
      (chosen) => abort.signal.aborted || setExamples(chosen),
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
              {examples.map((e) => 'question' in e ? (
                <li key={e.question}><button type="button" onClick={() => thread.ask(e.question)}><span dir="auto">{e.question}</span></button></li>
              ) : (
                <li key={e.id}><button type="button" onClick={() => openDocument(e.id)}><span>Open “<bdi>{e.title}</bdi>”</span></button></li>
              ))}
            </ul>
          ) : null}
        </>
      )}
    </div>
  );
}
