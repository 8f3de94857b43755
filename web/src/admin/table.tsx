/* A table of anything: sorted, filtered, in pages, exported as CSV; on a narrow screen each row becomes a card.
 *
 * Where the rows come from is in rows.ts. Everything here can be done by keyboard: columns sort by their buttons, actions are
 * buttons, and those that cannot be taken back ask first. */

import { useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { reason } from '../api.ts';
import { number, plural } from '../format.ts';
import { icons } from '../icons.tsx';
import { announce, notify } from '../state.ts';
import { confirm, type Question } from './confirm.tsx';
import { csv, download, type Cell } from './csv.ts';
import { adminIcons } from './icons.tsx';
import { EXPORT_ROWS_MAX, PAGE_ROWS, useRows, type PageOf, type Shown, type Sort } from './rows.ts';

export interface Column<Row> {
  key: string;
  title: string;
  /* What is sorted by, filtered by and exported. */
  value: (row: Row) => Cell;
  /* How it looks, where not as its value. */
  show?: (row: Row) => ComponentChildren;
  /* Numbers stand at the right. */
  number?: boolean;
  /* The heading of a card; one column of each table. */
  main?: boolean;
  /* Left out of cards. */
  minor?: boolean;
  /* Only in the exported file. */
  unseen?: boolean;
  /* Of a table that the server sorts: it can by this one. */
  sorts?: boolean;
}

export interface Action {
  label: string;
  icon?: ComponentChildren;
  /* Asked before it is done. */
  ask?: Question;
  danger?: boolean;
  run: () => Promise<unknown> | void;
}

interface Props<Row> {
  /* Says what the rows are; also the name of the exported file. */
  name: string;
  columns: Column<Row>[];
  id: (row: Row) => string;
  /* Rows that are here (null: on their way), … */
  rows?: Row[] | null;
  error?: string;
  again?: () => void;
  /* … or a server that is asked for pages, again whenever `version` changes. The same function as long as it is the same list. */
  page?: PageOf<Row>;
  version?: unknown;
  sort?: Sort;
  /* What stands where no row is. */
  empty: ComponentChildren;
  actions?: (row: Row) => Action[];
  /* Nothing to filter: few rows for ever, or a server that cannot. */
  small?: boolean;
  /* Beside the filter. */
  tools?: ComponentChildren;
}

export function Table<Row>(props: Props<Row>): JSX.Element {
  const shown = useRows(props);
  const server = props.page !== undefined;
  const columns = props.columns.filter((c) => !c.unseen);
  return (
    <div class="table" role="group" aria-label={props.name} aria-busy={shown.loading}>
      <div class="table-tools">
        {props.small ? null : (
          <label class="search-field">
            <span class="sr-only">Filter: {props.name}</span>
            {icons.search}
            <input type="search" placeholder="Filter" value={shown.filter} onInput={(e) => shown.setFilter(e.currentTarget.value)} />
          </label>
        )}
        {props.small ? null : <SortChoice columns={columns.filter((c) => !server || c.sorts)} shown={shown} />}
        {props.tools}
        <Export name={props.name} columns={props.columns} shown={shown} />
      </div>
      {shown.error !== '' ? (
        <div class="note bad" role="alert">{shown.error} <button type="button" class="link" onClick={shown.retry}>Try again</button></div>
      ) : shown.loading && shown.rows.length === 0 ? (
        <div class="skeleton rows" role="status" aria-label="Loading"><i /><i /><i /><i /><i /></div>
      ) : shown.rows.length === 0 ? (
        <div class="empty">{shown.filter === '' ? props.empty : `Nothing fits “${shown.filter}”.`}</div>
      ) : (
        <div class="table-box" tabIndex={0} role="group" aria-label={`${props.name}, rows`}>
          <table role="table">
            <caption class="sr-only">{props.name}</caption>
            <thead role="rowgroup">
              <tr role="row">
                {columns.map((c) => <Head key={c.key} column={c} sortable={!server || c.sorts === true} shown={shown} />)}
                {props.actions ? <th role="columnheader" scope="col" class="acts"><span class="sr-only">Actions</span></th> : null}
              </tr>
            </thead>
            <tbody role="rowgroup">
              {shown.rows.map((row) => (
                <tr role="row" key={props.id(row)}>
                  {columns.map((c) => (
                    <td key={c.key} role={c.main ? 'rowheader' : 'cell'} data-title={c.title} class={classOf(c)}>
                      {c.show ? c.show(row) : text(c.value(row))}
                    </td>
                  ))}
                  {props.actions ? <td role="cell" class="acts"><Actions actions={props.actions(row)} of={rowName(columns, row)} /></td> : null}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pages shown={shown} />
    </div>
  );
}

function classOf<Row>(c: Column<Row>): string {
  return [c.number ? 'number' : '', c.main ? 'main' : '', c.minor ? 'minor' : ''].filter((x) => x).join(' ');
}

function text(value: Cell): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'number') return number(value);
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
}

/* What a screen reader says behind the name of an action. */
function rowName<Row>(columns: Column<Row>[], row: Row): string {
  const main = columns.find((c) => c.main) ?? columns[0];
  return main ? text(main.value(row)) : '';
}

function Head<Row>({ column, sortable, shown }: { column: Column<Row>; sortable: boolean; shown: Shown<Row> }): JSX.Element {
  const by = shown.sort?.key === column.key ? shown.sort : null;
  /* Up, down, and as it came. */
  const next = (): void => shown.setSort(!by ? { key: column.key, down: false } : by.down ? null : { key: column.key, down: true });
  return (
    <th role="columnheader" scope="col" class={classOf(column)} aria-sort={by ? (by.down ? 'descending' : 'ascending') : undefined}>
      {sortable ? (
        <button type="button" class="sorter" onClick={next}>
          {column.title}{by ? (by.down ? adminIcons.down : adminIcons.up) : adminIcons.sort}
        </button>
      ) : column.title}
    </th>
  );
}

/* Cards have no head to sort by. */
function SortChoice<Row>({ columns, shown }: { columns: Column<Row>[]; shown: Shown<Row> }): JSX.Element | null {
  if (columns.length === 0) return null;
  const value = shown.sort ? `${shown.sort.key}${shown.sort.down ? ' down' : ''}` : '';
  const choose = (chosen: string): void => {
    const [key = '', down] = chosen.split(' ');
    shown.setSort(key === '' ? null : { key, down: down !== undefined });
  };
  return (
    <label class="sort-choice">
      <span class="sr-only">Sort by</span>
      <select value={value} onChange={(e) => choose(e.currentTarget.value)}>
        <option value="">As it comes</option>
        {columns.flatMap((c) => [<option value={c.key}>{c.title}, up</option>, <option value={`${c.key} down`}>{c.title}, down</option>])}
      </select>
    </label>
  );
}

function Export<Row>({ name, columns, shown }: { name: string; columns: Column<Row>[]; shown: Shown<Row> }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      const rows = await shown.all();
      const day = new Date().toISOString().slice(0, 10);
      download(`sky-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${day}.csv`, csv([columns.map((c) => c.title), ...rows.map((row) => columns.map((c) => c.value(row)))]));
      if (rows.length === EXPORT_ROWS_MAX) notify(`Only the first ${number(EXPORT_ROWS_MAX)} rows are in the file.`, 'error');
      announce(`${plural(rows.length, 'row')} exported`);
    } catch (e) {
      notify('Not exported: ' + reason(e), 'error');
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" class="secondary export" disabled={busy || shown.loading} onClick={() => void save()}>
      {adminIcons.download}<span>CSV</span><span class="sr-only">: export {name}</span>
    </button>
  );
}

function Actions({ actions, of }: { actions: Action[]; of: string }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const act = async (action: Action): Promise<void> => {
    if (action.ask && !(await confirm(action.ask))) return;
    setBusy(true);
    try {
      await action.run();
    } catch (e) {
      notify(`${action.label}: ${reason(e)}`, 'error');
    } finally {
      setBusy(false);
    }
  };
  return (
    <span class="row-actions">
      {actions.map((action) => (
        <button
          key={action.label}
          type="button"
          class={(action.icon ? 'icon-button small' : 'link') + (action.danger ? ' danger' : '')}
          title={action.icon ? action.label : undefined}
          aria-label={`${action.label}: ${of}`}
          disabled={busy}
          onClick={() => void act(action)}
        >
          {action.icon ?? action.label}
        </button>
      ))}
    </span>
  );
}

function Pages<Row>({ shown }: { shown: Shown<Row> }): JSX.Element | null {
  const from = shown.page * PAGE_ROWS + 1;
  if (shown.rows.length === 0) return null;
  const range = `${number(from)}–${number(from + shown.rows.length - 1)}${shown.total === null ? '' : ` of ${number(shown.total)}`}`;
  return (
    <div class="pages">
      <span class="quiet" role="status">{range}</span>
      {shown.page > 0 || shown.more ? (
        <span class="page-buttons">
          <button type="button" class="secondary" disabled={shown.page === 0 || shown.loading} onClick={() => shown.turn(-1)}>Back</button>
          <button type="button" class="secondary" disabled={!shown.more || shown.loading} onClick={() => shown.turn(1)}>Next</button>
        </span>
      ) : null}
    </div>
  );
}
