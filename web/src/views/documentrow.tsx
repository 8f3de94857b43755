/* A row of the knowledge view: one document, opened by its name, forgotten by the button beside it by those who may. */

import type { JSX } from 'preact';
import type { DocumentInfo } from '../api.ts';
import { baseName, bytes, day, plural } from '../format.ts';
import { icons } from '../icons.tsx';
import { Path } from './path.tsx';

export function DocumentRow({ document, open, forget }: { document: DocumentInfo; open: () => void; forget: (() => void) | null }): JSX.Element {
  const title = document.title || baseName(document.document);
  const facts = [bytes(document.bytes), plural(document.chunks, 'passage'), day(document.learned_at)];
  return (
    <li class="document-row">
      <button type="button" class="document-open" onClick={open}>
        {icons.page}
        <span class="document-name">
          <b dir="auto">{title}</b>
          <small><Path document={document.document} /></small>
        </span>
        <small class="document-facts">{facts.filter((f) => f !== '').join(' · ')}</small>
      </button>
      {forget ? <button type="button" class="icon-button" aria-label={`Forget ${title}`} title="Forget this document" onClick={forget}>{icons.trash}</button> : null}
    </li>
  );
}
