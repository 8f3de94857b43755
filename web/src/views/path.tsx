/* A path or an address, cut at its beginning where there is no room: its end tells more. */

import type { JSX } from 'preact';

export function Path({ document, class: name = '' }: { document: string; class?: string }): JSX.Element {
  const text = document.replace(/^upload:/, 'uploaded: ');
  return (
    <span class={`path ${name}`} title={document}>
      <bdi dir="ltr">{text}</bdi>
    </span>
  );
}
