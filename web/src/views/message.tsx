/* One question or one answer, in each of the states that it can be in. */

import type { Signal } from '@preact/signals';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { reason, usedUp, type Receipt } from '../api.ts';
import { icons } from '../icons.tsx';
import { Markdown } from '../markdown.tsx';
import { mayForget, notify } from '../state.ts';
import { isBareRefusal } from '../text.ts';
import type { Message, Thread } from '../thread.ts';
import { CopyButton } from './copy.tsx';
import { ReadAsNote } from './readas.tsx';
import { LEVELS, ReceiptLine } from './receipt.tsx';
import { openSource, Sources } from './sources.tsx';

export function MessageView({ message, thread, last }: { message: Signal<Message>; thread: Thread; last: boolean }): JSX.Element {
  const m = message.value;
  if (m.role === 'user') {
    return (
      <article class="message user" aria-label="You">
        <div class="bubble" dir="auto" lang="">{m.text}</div>
      </article>
    );
  }
  return <AnswerView message={message} thread={thread} last={last} />;
}

function AnswerView({ message, thread, last }: { message: Signal<Message>; thread: Thread; last: boolean }): JSX.Element {
  const m = message.value;
  const live = m.phase === 'waiting' || m.phase === 'streaming';
  const unanswered = !m.answered && !live;
  const onCite = useCallback((n: number) => {
    const source = message.peek().sources[n];
    if (source) openSource(source);
  }, [message]);
  const cite = useMemo(() => ({ sources: m.sources.length, onCite }), [m.sources.length, onCite]);
  return (
    <article class={`message answer ${m.phase}${unanswered ? ' unanswered' : ''}`} aria-label="Answer" aria-busy={live}>
      {unanswered ? <p class="verdict">{icons.warn}<strong>Your documents don’t answer this</strong></p> : null}
      {m.phase === 'waiting' ? <Waiting sources={m.sources.length} /> : null}
      {m.text !== '' && !(unanswered && isBareRefusal(m.text)) ? <Markdown text={m.text} live={m.phase === 'streaming'} cite={cite} /> : null}
      <Ending message={m} retry={() => thread.retry(message)} busy={thread.busy.value} />
      {m.receipt?.skipped && !live ? <Skipped {...m.receipt.skipped} /> : null}
      {live ? null : <ReadAsNote words={m.receipt?.read_as} />}
      {m.kept ? null : <p class="ending" role="status">This answer is not kept in the history: the server cannot write now.</p>}
      {live ? null : <Sources sources={m.sources} answered={m.answered} />}
      {live ? null : <Tools message={message} thread={thread} last={last} />}
    </article>
  );
}

function Waiting({ sources }: { sources: number }): JSX.Element {
  return (
    <p class="waiting">
      <span class="dots" aria-hidden="true"><i /><i /><i /></span>
      {sources > 0 ? 'Reading the passages' : 'Looking through your documents'}
    </p>
  );
}

/* Seconds until then. */
function useWait(until_ms: number): number {
  const [now, setNow] = useState(Date.now);
  const wait_s = Math.max(0, Math.ceil((until_ms - now) / 1000));
  useEffect(() => {
    const timer = until_ms > Date.now() ? setInterval(() => setNow(Date.now()), 500) : undefined;
    return () => clearInterval(timer);
  }, [until_ms, wait_s === 0]);
  return wait_s;
}

/* Where whoever reads it can do something about it. */
function BudgetLink(): JSX.Element {
  return mayForget.value ? <a class="link" href="/admin#ai/budgets">Raise it</a> : <a class="link" href="/account#spending">What is left</a>;
}

/* A better answer may be there for money. */
function Skipped({ level, ...broke }: NonNullable<Receipt['skipped']>): JSX.Element {
  return (
    <div class="ending warn" role="status">
      <p><strong>This is a passage of your documents: the {LEVELS[level] ?? level} ({level}) was not asked.</strong> A budget is used up: {usedUp(broke)}</p>
      <BudgetLink />
    </div>
  );
}

/* Why there is no more text than there is. */
function Ending({ message, retry, busy }: { message: Message; retry: () => void; busy: boolean }): JSX.Element | null {
  const wait_s = useWait(message.again_ms);
  const again = (
    <button type="button" class="secondary" disabled={busy || wait_s > 0} onClick={retry}>
      {icons.retry}{wait_s > 0 ? `Try again in ${wait_s} s` : 'Try again'}
    </button>
  );
  if (message.phase === 'stopped') {
    return <p class="ending">You stopped this answer.</p>;
  }
  if (message.slug === 'budget-exceeded') {
    return <div class="ending warn" role="alert"><p><strong>A budget is used up.</strong> {message.problem}</p><BudgetLink />{again}</div>;
  }
  if (message.phase === 'broken') {
    return <div class="ending bad" role="alert"><p>The answer broke off here. {message.problem}</p>{again}</div>;
  }
  if (message.phase === 'failed') {
    return <div class="ending bad" role="alert"><p>There is no answer. {message.problem}</p>{again}</div>;
  }
  return null;
}

function Tools({ message, thread, last }: { message: Signal<Message>; thread: Thread; last: boolean }): JSX.Element | null {
  const m = message.value;
  const over = m.phase === 'done' || m.phase === 'stopped';
  if (!over) return null;
  const vote = (v: number): void => {
    thread.vote(message, m.vote === v ? 0 : v).catch((e: unknown) => notify('Your vote was not stored: ' + reason(e), 'error'));
  };
  return (
    <footer class={last ? 'tools last' : 'tools'}>
      <span class="tool-buttons">
        {m.text !== '' ? <CopyButton text={m.text} label="Copy the answer" /> : null}
        {last ? (
          <button type="button" class="icon-button" aria-label="Answer again" title="Answer again" disabled={thread.busy.value} onClick={() => thread.retry(message)}>
            {icons.retry}
          </button>
        ) : null}
        {m.id !== null ? (
          <>
            <button type="button" class="icon-button" aria-label="Good answer" title="Good answer" aria-pressed={m.vote === 1} onClick={() => vote(1)}>{icons.up}</button>
            <button type="button" class="icon-button" aria-label="Bad answer" title="Bad answer" aria-pressed={m.vote === -1} onClick={() => vote(-1)}>{icons.down}</button>
          </>
        ) : null}
      </span>
      {m.receipt ? <ReceiptLine receipt={m.receipt} /> : null}
    </footer>
  );
}
