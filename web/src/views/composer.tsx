/* Where questions are typed. Enter sends, Shift+Enter makes a line, Escape stops. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { icons } from '../icons.tsx';
import { announce, mayLearn, online } from '../state.ts';
import { draftChanged, getDraft, setDraft } from '../store.ts';
import type { Thread } from '../thread.ts';
import { FilesButton } from './files.tsx';

/* What the server takes as one question. */
const QUESTION_BYTES_MAX = 16 << 10;
const WARN_BYTES = 1000;
const LINES_PX_MAX = 260;

/* A keyboard is likely: taking the focus then does not cover half the screen. */
export const finePointer = matchMedia('(pointer: fine)');

export function Composer({ thread }: { thread: Thread }): JSX.Element {
  const [text, setText] = useState(() => getDraft(thread));
  const field = useRef<HTMLTextAreaElement>(null);
  const busy = thread.busy.value;
  const outside = draftChanged.value;

  /* Before it is seen: what is typed as soon as it is there belongs to it. */
  useLayoutEffect(() => {
    if (finePointer.matches) field.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    if (outside > 0) setText(getDraft(thread));
  }, [outside]);
  useLayoutEffect(() => {
    const f = field.current;
    if (!f) return;
    f.style.height = 'auto';
    f.style.height = `${Math.min(LINES_PX_MAX, f.scrollHeight)}px`;
  }, [text]);

  /* No character takes more than three bytes a unit, so short texts need no counting. */
  const left = text.length * 3 < QUESTION_BYTES_MAX - WARN_BYTES ? QUESTION_BYTES_MAX : QUESTION_BYTES_MAX - new TextEncoder().encode(text.trim()).length;

  const change = (to: string): void => {
    setText(to);
    setDraft(thread, to, false);
  };
  const send = (): void => {
    const question = text.trim();
    if (busy || question === '' || left < 0) return;
    change('');
    thread.ask(question);
    announce('Sent');
  };

  return (
    <form
      class="composer"
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        aria-label="Your question"
        aria-describedby="composer-help"
        placeholder="Ask your documents"
        value={text}
        enterkeyhint="send"
        onInput={(e) => change(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key !== 'Enter' || e.shiftKey || e.isComposing) return;
          e.preventDefault();
          send();
        }}
      />
      <span class="sr-only" id="composer-help">Enter sends, Shift and Enter makes a new line, Escape stops an answer.</span>
      <div class="composer-row">
        {mayLearn.value ? <FilesButton class="icon-button" label="Add files to your knowledge" /> : null}
        {left < WARN_BYTES ? <span class={left < 0 ? 'count over' : 'count'}>{left < 0 ? `${-left} bytes too long` : `${left} bytes left`}</span> : null}
        {busy ? (
          <button key="stop" type="button" class="send stop" aria-label="Stop the answer" title="Stop (Esc)" onClick={() => thread.stop()}>{icons.stop}</button>
        ) : (
          <button key="send" type="submit" class="send" aria-label="Send" title="Send (Enter)" disabled={text.trim() === '' || left < 0 || !online.value}>{icons.send}</button>
        )}
      </div>
    </form>
  );
}
