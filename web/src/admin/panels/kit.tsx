/* What these panels share: tabs in the address, forms in a dialog, data of routes that may not be there, names of accounts. */

import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { cloneElement, type ComponentChildren, type JSX, type VNode } from 'preact';
import { ApiError, isAbort, reason, send } from '../../api.ts';
import { moment } from '../../format.ts';
import { place } from '../route.ts';
import { Badge, type Loaded } from '../parts.tsx';

/* --- Tabs ------------------------------------------------------------------------------------------------------------ */

/* Parts of a panel, each with an address of its own: #system/logs. */
export function Tabs<T extends string>({ panel, of }: { panel: string; of: readonly (readonly [T, string])[] }): JSX.Element {
  const open = openTab(of);
  const row = useRef<HTMLElement>(null);
  /* The row alone is moved: neither the page nor the focus. */
  useLayoutEffect(() => {
    const tab = row.current?.querySelector('[aria-current]')?.getBoundingClientRect();
    const box = row.current?.getBoundingClientRect();
    if (tab && box) row.current?.scrollBy(tab.left + tab.width / 2 - box.left - box.width / 2, 0);
  }, [open]);
  return (
    <nav class="tabs" aria-label="Parts of this panel" ref={row}>
      {of.map(([key, title]) => <a key={key} href={`#${panel}/${key}`} aria-current={key === open ? 'page' : undefined}>{title}</a>)}
    </nav>
  );
}

export function openTab<T extends string>(of: readonly (readonly [T, string])[]): T {
  const rest = place.value.rest;
  return (of.find(([key]) => key === rest) ?? (of[0] as readonly [T, string]))[0];
}

/* --- Dialogs --------------------------------------------------------------------------------------------------------- */

interface SheetProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /* The word on the button, and what it does; the dialog closes when that went well. */
  action?: string;
  submit?: () => Promise<unknown>;
  wide?: boolean;
}

export function Sheet({ title, onClose, children, action, submit, wide }: SheetProps): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => {
    if (!box.current?.open) box.current?.showModal();
  }, []);
  /* What only shows may hold dialogs of its own, and a form must not be in a form. */
  const Box = submit ? 'form' : 'div';
  /* Closing gives the focus back to where it was; only then may the element go. */
  const close = (): void => box.current?.close();
  const go = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (!submit || busy) return;
    setBusy(true);
    setError('');
    try {
      await submit();
      close();
    } catch (failure) {
      setError(reason(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog class={'confirm sheet' + (wide ? ' wide' : '')} ref={box} aria-label={title} onClose={onClose}>
      <Box onSubmit={(e: Event) => void go(e)}>
        <h2>{title}</h2>
        <div class="sheet-body">{children}</div>
        {error !== '' ? <div class="note bad" role="alert">{error}</div> : null}
        <div class="confirm-buttons">
          <button type="button" class="secondary" onClick={close}>{submit ? 'Cancel' : 'Close'}</button>
          {submit ? <button type="submit" class="primary" disabled={busy}>{action}</button> : null}
        </div>
      </Box>
    </dialog>
  );
}

/* The hint describes the field and is no part of its name. */
export function Field({ name, hint, children }: { name: string; hint?: string | undefined; children: VNode }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{name}</label>
      {cloneElement(children, { id, 'aria-describedby': hint ? id + 'h' : undefined })}
      {hint ? <small class="quiet" id={id + 'h'}>{hint}</small> : null}
    </div>
  );
}

/* --- Routes that may not be there ------------------------------------------------------------------------------------ */

/* As useGet; `there` is false once the server said that it has no such route. */
export function useIfThere<T>(path: string): Loaded<T> & { there: boolean } {
  const [got, setGot] = useState<{ data: T | null; error: string; there: boolean }>({ data: null, error: '', there: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    send('GET', path, { signal: abort.signal }).then(
      async (response) => setGot({ data: (await response.json()) as T, error: '', there: true }),
      (e: unknown) => {
        if (!isAbort(e)) setGot({ data: null, error: reason(e), there: !(e instanceof ApiError && e.status === 404) });
      },
    );
    return () => abort.abort();
  }, [path, turn]);
  return { ...got, again: () => setTurn((t) => t + 1) };
}

/* The whole of a list that is short enough to be filtered and sorted here. */
export const allOf = (path: string): string => path + '?limit=500';

/* --- Names ----------------------------------------------------------------------------------------------------------- */

export interface Person {
  id: string;
  email: string;
  name: string;
  role: string;
  tier: string;
  created_at: string;
  last_used_at: string | null;
  disabled: boolean;
  totp: boolean;
}

/* Accounts by their ids, as far as there are accounts. */
export function usePeople(): Map<string, Person> {
  const got = useIfThere<{ people: Person[] }>('/api/admin/people?limit=500');
  return new Map((got.data?.people ?? []).map((p) => [p.id, p]));
}

export const nameOf = (id: string, people: Map<string, Person>): string => people.get(id)?.name ?? (id === '' ? 'nobody any more' : id);

/* An agent is always shown as one. */
export function Who({ id, people }: { id: string; people: Map<string, Person> }): JSX.Element {
  return <>{nameOf(id, people)}{people.get(id)?.role === 'agent' ? <> <AgentBadge /></> : null}</>;
}

export function When({ at }: { at: string }): JSX.Element {
  return <time class="when" dateTime={at}>{moment(at)}</time>;
}

export function AgentBadge(): JSX.Element {
  return <Badge state="warn">agent</Badge>;
}
