/* What panels are made of: the heading, big numbers, states, and data that is fetched. */

import { useEffect, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { isAbort, reason, send } from '../api.ts';

/* The body of a panel. The heading takes the focus when the panel opens. */
export function Panel({ title, note, tools, children }: { title: string; note?: ComponentChildren; tools?: ComponentChildren; children: ComponentChildren }): JSX.Element {
  return (
    <div class="panel">
      <header class="panel-head">
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          {note ? <p class="quiet">{note}</p> : null}
        </div>
        {tools ? <div class="panel-tools">{tools}</div> : null}
      </header>
      {children}
    </div>
  );
}

export function Section({ title, note, tools, children }: { title: string; note?: ComponentChildren; tools?: ComponentChildren; children: ComponentChildren }): JSX.Element {
  return (
    <section class="section" aria-label={title}>
      <header class="section-head">
        <h2>{title}</h2>
        {note ? <p class="quiet">{note}</p> : null}
        {tools ? <div class="panel-tools">{tools}</div> : null}
      </header>
      {children}
    </section>
  );
}

export type State = 'good' | 'warn' | 'bad' | 'off';

/* A state is told by word and shape, never by its colour alone. */
export function Badge({ state, children }: { state: State; children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${state}`}><i aria-hidden="true" />{children}</span>;
}

/* One big number. */
export function Figure({ name, value, note, state }: { name: string; value: ComponentChildren; note?: ComponentChildren; state?: State }): JSX.Element {
  return (
    <div class={'figure' + (state ? ` ${state}` : '')}>
      <dt>{name}</dt>
      <dd><b>{value}</b>{note ? <small>{note}</small> : null}</dd>
    </div>
  );
}

export function Figures({ children }: { children: ComponentChildren }): JSX.Element {
  return <dl class="figures">{children}</dl>;
}

/* A few choices of which one holds. */
export function Choice<T extends string>({ name, value, of, onChange }: { name: string; value: T; of: readonly (readonly [T, string])[]; onChange: (value: T) => void }): JSX.Element {
  return (
    <div class="choice" role="group" aria-label={name}>
      {of.map(([key, title]) => (
        <button key={key} type="button" aria-pressed={key === value} onClick={() => onChange(key)}>{title}</button>
      ))}
    </div>
  );
}

export interface Loaded<T> {
  data: T | null;
  error: string;
  again: () => void;
}

/* GETs `path`, again when it changes, when asked to, and every `every_ms` while the page is seen. What was there stays until
 * something newer comes. */
export function useGet<T>(path: string, every_ms = 0): Loaded<T> {
  const [got, setGot] = useState<{ path: string; data: T | null; error: string }>({ path, data: null, error: '' });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async (): Promise<void> => {
      try {
        const response = await send('GET', path, { signal: abort.signal });
        const data = (await response.json()) as T;
        if (!abort.signal.aborted) setGot({ path, data, error: '' });
      } catch (e) {
        if (!isAbort(e) && !abort.signal.aborted) setGot((g) => ({ path, data: g.path === path ? g.data : null, error: reason(e) }));
      }
      if (every_ms > 0 && !abort.signal.aborted) timer = setTimeout(tick, every_ms);
    };
    const tick = (): void => {
      if (document.hidden) timer = setTimeout(tick, every_ms);
      else void run();
    };
    void run();
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [path, every_ms, turn]);
  return { data: got.data, error: got.error, again: () => setTurn((t) => t + 1) };
}

/* What is shown instead of data that has not come. */
export function Waiting<T>({ of, rows = 3 }: { of: Loaded<T>; rows?: number }): JSX.Element | null {
  if (of.error !== '') {
    return <div class="note bad" role="alert">{of.error} <button type="button" class="link" onClick={of.again}>Try again</button></div>;
  }
  if (of.data !== null) return null;
  return <div class="skeleton rows" role="status" aria-label="Loading">{Array.from({ length: rows }, (_, i) => <i key={i} />)}</div>;
}
