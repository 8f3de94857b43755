/* The sources under an answer: what was quoted, from where; each opens the stored copy at the passage. */

import { useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import type { Source } from '../api.ts';
import { baseName, plural } from '../format.ts';
import { icons } from '../icons.tsx';
import { openDocument, route } from '../route.ts';
import { Path } from './path.tsx';

const SHOWN_FIRST = 3;

export function openSource(s: Source): void {
  openDocument(s.document_id, s.start, s.end);
}

export function Sources({ sources, answered }: { sources: Source[]; answered: boolean }): JSX.Element | null {
  const [all, setAll] = useState(false);
  const panel = route.value.panel;
  if (sources.length === 0) return null;
  const shown = all ? sources : sources.slice(0, SHOWN_FIRST);
  const hidden = sources.length - shown.length;
  return (
    <div role="group" class="sources" aria-label={answered ? 'Sources' : 'Closest passages'}>
      <p class="sources-title">{answered ? 'Sources' : 'Closest passages'}</p>
      <ol>
        {shown.map((s, i) => (
          <li key={i}>
            <SourceCard {...s} quote={s.quote.trim()} n={i + 1} current={panel?.document === s.document_id && panel.start === s.start} open={() => openSource(s)} />
          </li>
        ))}
      </ol>
      {hidden > 0 ? <button type="button" class="link" onClick={() => setAll(true)}>{plural(hidden, 'more source')}</button> : null}
    </div>
  );
}

interface Card {
  document: string;
  title: string;
  location: string;
  quote: ComponentChildren;
  n?: number;
  current: boolean;
  open: () => void;
}

/* The whole card opens the document; only its head is the button, so that the quotation stays readable by itself. */
export function SourceCard({ document, title, location, quote, n, current, open }: Card): JSX.Element {
  return (
    <div class={current ? 'source current' : 'source'}>
      {n === undefined ? null : <span class="source-n" aria-hidden="true">{n}</span>}
      <button type="button" class="source-open" aria-current={current ? 'true' : undefined} onClick={open}>
        {n === undefined ? null : <span class="sr-only">Source {n}: </span>}
        <b dir="auto">{title || baseName(document)}</b>
        {location && location !== title ? <span dir="auto">{location.replaceAll(' > ', ' › ')}</span> : null}
      </button>
      <q dir="auto" lang="">{quote}</q>
      <span class="source-path">{icons.page}<Path document={document} /></span>
    </div>
  );
}
