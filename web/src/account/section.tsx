/* One part of the page: what it is about on the left, what can be done on the right. */

import type { ComponentChildren, JSX } from 'preact';

export function Section({ id, title, about, children }: { id: string; title: string; about: ComponentChildren; children: ComponentChildren }): JSX.Element {
  return (
    <section id={id} class="part" aria-labelledby={id + '-title'} tabIndex={-1}>
      <div class="part-about">
        <h2 id={id + '-title'}>{title}</h2>
        <p class="quiet">{about}</p>
      </div>
      <div class="part-body">{children}</div>
    </section>
  );
}
