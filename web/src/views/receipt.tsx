/* What an answer cost and where it came from: one quiet line that opens to every field. */

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Receipt } from '../api.ts';
import { cost_microusd, duration_ms, number, plural } from '../format.ts';
import { icons } from '../icons.tsx';

export const LEVELS: Record<string, string> = {
  L0: 'remembered answer',
  L1: 'quoted from your documents, no model',
  L2: 'local model, from your documents',
  L3: 'fast remote model',
  L4: 'premium remote model',
  L5: 'full pipeline with review',
};

const REASONS: Record<string, string> = {
  cache_exact: 'the same question was answered before',
  cache_semantic: 'a question of the same meaning was answered before',
  passage_confident: 'a passage answers it as it stands',
  passage_best: 'the best passage there is: no model had a better answer',
  model: 'the model answered from the passages',
  not_in_documents: 'no passage answers it',
  budget: 'a budget is used up: no higher level was asked',
  length: 'the answer reached its length',
  cancelled: 'stopped by you',
};

function words(reason: string): string {
  return REASONS[reason] ?? reason.replace(/[_-]+/g, ' ');
}

export function ReceiptLine({ receipt }: { receipt: Receipt }): JSX.Element {
  const [open, setOpen] = useState(false);
  const id = useId();
  const fields = useRef<HTMLDListElement>(null);
  useEffect(() => {
    if (open) fields.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  const tokens = (receipt.tokens_in || 0) + (receipt.tokens_out || 0);
  return (
    <>
      <button type="button" class="receipt-line" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <span class="sr-only">Receipt: </span>
        {[receipt.level, duration_ms(receipt.latency_ms), plural(tokens, 'token'), cost_microusd(receipt.cost_microusd), receipt.node].join(' · ')}
        {icons.chevron}
      </button>
      <dl class="receipt" ref={fields} id={id} hidden={!open}>
        <Field name="Level">{receipt.level}{LEVELS[receipt.level] ? ` – ${LEVELS[receipt.level]}` : ''}</Field>
        <Field name="Brand">SkyAI {receipt.brand.replace(/^SkyAI\s*/i, '')}</Field>
        <Field name="Why here">{words(receipt.why_stopped)}</Field>
        <Field name="From memory">{receipt.cached ? 'yes' : 'no'}</Field>
        <Field name="Time">{duration_ms(receipt.latency_ms)}</Field>
        <Field name="First token">{duration_ms(receipt.first_token_ms)}</Field>
        <Field name="Tokens in">{number(receipt.tokens_in)}</Field>
        <Field name="Tokens out">{number(receipt.tokens_out)}</Field>
        <Field name="Cost">{cost_microusd(receipt.cost_microusd)}</Field>
        <Field name="Node">{receipt.node}</Field>
        <Field name="Sources">{number(receipt.sources?.length ?? 0)}</Field>
      </dl>
    </>
  );
}

function Field({ name, children }: { name: string; children: preact.ComponentChildren }): JSX.Element {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}
