/* The button that takes files of this device to be learned. */

import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { icons } from '../icons.tsx';
import { learnFiles } from '../learn.ts';

/* label: where the button shows no words. */
export function FilesButton(props: { class: string; label?: string; children?: ComponentChildren }): JSX.Element {
  const files = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={props.class} aria-label={props.label} title={props.label} onClick={() => files.current?.click()}>
        {icons.attach}{props.children}
      </button>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        aria-label="Files to learn"
        onChange={(e) => {
          learnFiles([...(e.currentTarget.files ?? [])].map((file) => ({ file, name: file.name })));
          e.currentTarget.value = '';
        }}
      />
    </>
  );
}
