/* One line about the state of knowledge: how much there is, what is still being read, whether something is wrong. */

import type { ComponentChildren, JSX } from 'preact';
import type { Status } from '../api.ts';
import { left_s, number, percent, plural } from '../format.ts';
import { goKnowledge } from '../route.ts';
import { online } from '../state.ts';
import { status } from '../watch.ts';

function sentence(s: Status): ComponentChildren {
  const { documents, chunks, vectors } = s.knowledge;
  if (documents === 0) return s.learning?.active ? 'Reading the first documents' : 'No documents yet';
  const known = plural(documents, 'document');
  const pending = s.learning?.vectors_pending ?? 0;
  if (pending > 0 && chunks > 0) {
    const left = s.learning && s.learning.eta_s > 0 ? `, ${left_s(s.learning.eta_s)} left` : '';
    return <span>{known}<span class="roomy"> searchable</span> · learning their meaning, {percent(vectors, chunks)} %{left}</span>;
  }
  if (s.learning?.active) return `${known} · learning more`;
  return `${known} · ${number(chunks)} passages`;
}

export function StatusLine(): JSX.Element {
  const s = status.value;
  if (!online.value) return <p class="status-line bad">The server does not answer</p>;
  if (!s) return <p class="status-line">&nbsp;</p>;
  const busy = s.learning?.active === true || (s.learning?.vectors_pending ?? 0) > 0;
  return (
    <p class="status-line">
      <button type="button" class="link" onClick={goKnowledge}>
        {busy ? <i class="pulse" aria-hidden="true" /> : null}
        {sentence(s)}
      </button>
      {s.degraded ? <span class="degraded" title="This node cannot reach the others: it answers from its own copy and takes no changes.">degraded: own copy only</span> : null}
    </p>
  );
}
