/* A button that copies a text and says that it did. */

import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { icons } from '../icons.tsx';
import { announce, notify } from '../state.ts';

/* The clipboard interface exists only on https and localhost; elsewhere a selected field does it. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'off-screen';
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}

/* An icon, or with `words` the label beside it. */
export function CopyButton({ text, label, words = false }: { text: string; label: string; words?: boolean }): JSX.Element {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    if (!(await copyText(text))) return void notify('The browser refused to copy.', 'error');
    setCopied(true);
    announce('Copied');
  };
  if (words) return <button type="button" class="secondary" onClick={() => void copy()}>{copied ? icons.check : icons.copy}{label}</button>;
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={() => void copy()}>
      {copied ? icons.check : icons.copy}
    </button>
  );
}
