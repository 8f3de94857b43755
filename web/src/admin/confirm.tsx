/* One question before something that cannot be taken back. */

import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';

export interface Question {
  title: string;
  text: string;
  /* The word on the button that goes on. */
  yes: string;
}

const asked = signal<{ question: Question; answer: (yes: boolean) => void } | null>(null);

export function confirm(question: Question): Promise<boolean> {
  asked.peek()?.answer(false);
  return new Promise((resolve) => {
    asked.value = {
      question,
      answer: (yes) => {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}

export function Confirm(): JSX.Element | null {
  const now = asked.value;
  const box = useRef<HTMLDialogElement>(null);
  const chosen = useRef(false);
  useLayoutEffect(() => {
    chosen.current = false;
    if (now && !box.current?.open) box.current?.showModal();
  }, [now]);
  if (!now) return null;
  const { question, answer } = now;
  /* Closing gives the focus back to where it was; only then may the element go. */
  const close = (yes: boolean): void => {
    chosen.current = yes;
    box.current?.close();
  };
  return (
    <dialog class="confirm" ref={box} aria-labelledby="confirm-title" aria-describedby="confirm-text" onClose={() => answer(chosen.current)}>
      <h2 id="confirm-title">{question.title}</h2>
      <p id="confirm-text">{question.text}</p>
      <div class="confirm-buttons">
        <button type="button" class="secondary" onClick={() => close(false)}>Cancel</button>
        <button type="button" class="primary danger" onClick={() => close(true)}>{question.yes}</button>
      </div>
    </dialog>
  );
}
