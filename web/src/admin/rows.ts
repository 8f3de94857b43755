/* The rows of a table: filtered, sorted and cut into pages, either here (`rows`) or by the server (`page`).
 *
 * A server gives pages by cursor and filters by itself; it can be gone back in because the cursors passed are kept. What is
 * sorted there is the server's matter, so such tables sort only by columns that say `sorts`. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isAbort, reason } from '../api.ts';
import type { Cell } from './csv.ts';

export interface Sort {
  key: string;
  down: boolean;
}

export interface PageQuery {
  after: string | null;
  filter: string;
  sort: Sort | null;
  limit: number;
  signal: AbortSignal;
}

/* Asks the server for one page. */
export type PageOf<Row> = (query: PageQuery) => Promise<{ rows: Row[]; next: string | null }>;

export interface Valued<Row> {
  key: string;
  value: (row: Row) => Cell;
}

export interface Shown<Row> {
  rows: Row[];
  loading: boolean;
  error: string;
  /* Of all that fit the filter; null where only the server knows. */
  total: number | null;
  page: number;
  more: boolean;
  filter: string;
  sort: Sort | null;
  setFilter: (filter: string) => void;
  setSort: (sort: Sort | null) => void;
  turn: (by: 1 | -1) => void;
  retry: () => void;
  /* All rows that fit the filter, for the export. */
  all: () => Promise<Row[]>;
}

export const PAGE_ROWS = 25;
const SERVER_PAGE_ROWS = 200;
/* A file with more rows than this is no longer one that a spreadsheet opens gladly. */
export const EXPORT_ROWS_MAX = 100_000;
const TYPING_MS = 200;

export function compareCells(a: Cell, b: Cell): number {
  const none = (c: Cell): boolean => c === null || c === undefined || c === '';
  if (none(a) || none(b)) return Number(none(a)) - Number(none(b));
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true, sensitivity: 'base' });
}

function sortRows<Row>(rows: Row[], columns: Valued<Row>[], sort: Sort | null): Row[] {
  const column = columns.find((c) => c.key === sort?.key);
  if (!sort || !column) return rows;
  const sign = sort.down ? -1 : 1;
  return [...rows].sort((a, b) => sign * compareCells(column.value(a), column.value(b)));
}

function filterRows<Row>(rows: Row[], columns: Valued<Row>[], filter: string): Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter((w) => w !== '');
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = columns.map((c) => String(c.value(row) ?? '')).join(' ').toLowerCase();
    return words.every((w) => text.includes(w));
  });
}

/* Rows that are here. null: still being fetched. */
function useLocal<Row>(rows: Row[] | null, error: string, columns: Valued<Row>[], first: Sort | null, again: () => void): Shown<Row> {
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState<Sort | null>(first);
  const [page, setPage] = useState(0);
  const fitting = useMemo(() => sortRows(filterRows(rows ?? [], columns, filter), columns, sort), [rows, columns, filter, sort]);
  /* Rows may have become fewer since the page was turned. */
  const at = Math.min(page, Math.max(0, Math.ceil(fitting.length / PAGE_ROWS) - 1));
  return {
    rows: fitting.slice(at * PAGE_ROWS, (at + 1) * PAGE_ROWS),
    loading: rows === null && error === '',
    error,
    total: fitting.length,
    page: at,
    more: (at + 1) * PAGE_ROWS < fitting.length,
    filter,
    sort,
    setFilter: (f) => {
      setFilter(f);
      setPage(0);
    },
    setSort: (s) => {
      setSort(s);
      setPage(0);
    },
    turn: (by) => setPage(Math.max(0, at + by)),
    retry: again,
    all: () => Promise.resolve(fitting),
  };
}

interface Fetched<Row> {
  rows: Row[];
  next: string | null;
  loading: boolean;
  error: string;
}

const FIRST: (string | null)[] = [null];

/* Rows of the server. `version` makes it ask again; another `ask` is another list, in which no cursor of the one before holds. */
function useServer<Row>(ask: PageOf<Row> | undefined, version: unknown): Shown<Row> {
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState<Sort | null>(null);
  const [passed, setPassed] = useState({ ask, cursors: FIRST });
  const cursors = passed.ask === ask ? passed.cursors : FIRST;
  const setCursors = (to: (string | null)[]): void => setPassed({ ask, cursors: to });
  const [tries, setTries] = useState(0);
  const [got, setGot] = useState<Fetched<Row>>({ rows: [], next: null, loading: true, error: '' });
  const asked = useRef(filter);
  useEffect(() => {
    if (!ask) return undefined;
    const abort = new AbortController();
    const query = { after: cursors.at(-1) ?? null, filter, sort, limit: PAGE_ROWS, signal: abort.signal };
    const run = (): void => {
      setGot((g) => ({ ...g, loading: true, error: '' }));
      ask(query).then(
        ({ rows, next }) => setGot({ rows, next, loading: false, error: '' }),
        (e: unknown) => {
          if (!isAbort(e)) setGot({ rows: [], next: null, loading: false, error: reason(e) });
        },
      );
    };
    const timer = setTimeout(run, asked.current === filter ? 0 : TYPING_MS);
    asked.current = filter;
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [ask, cursors, filter, sort, version, tries]);
  const restart = (): void => setCursors(FIRST);
  return {
    ...got,
    total: null,
    page: cursors.length - 1,
    more: got.next !== null,
    filter,
    sort,
    setFilter: (f) => {
      setFilter(f);
      restart();
    },
    setSort: (s) => {
      setSort(s);
      restart();
    },
    turn: (by) => setCursors(by > 0 ? [...cursors, got.next] : cursors.slice(0, Math.max(1, cursors.length - 1))),
    retry: () => setTries(tries + 1),
    all: async () => {
      const rows: Row[] = [];
      let after: string | null = null;
      while (ask && rows.length < EXPORT_ROWS_MAX) {
        const part: { rows: Row[]; next: string | null } = await ask({ after, filter, sort, limit: SERVER_PAGE_ROWS, signal: new AbortController().signal });
        rows.push(...part.rows);
        if (part.next === null) break;
        after = part.next;
      }
      return rows.slice(0, EXPORT_ROWS_MAX);
    },
  };
}

export interface RowsOf<Row> {
  columns: Valued<Row>[];
  /* One of these two. */
  rows?: Row[] | null;
  page?: PageOf<Row>;
  version?: unknown;
  error?: string;
  again?: () => void;
  sort?: Sort;
}

export function useRows<Row>(of: RowsOf<Row>): Shown<Row> {
  const local = useLocal(of.rows ?? null, of.error ?? '', of.columns, of.sort ?? null, of.again ?? (() => undefined));
  const server = useServer(of.page, of.version);
  return of.page ? server : local;
}
