/* The system: sprints that people edit, the configuration in force, the log, the audit trail. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { ApiError, isAbort, reason, send } from '../../api.ts';
import { day, number, plural } from '../../format.ts';
import { icons } from '../../icons.tsx';
import { readEvents } from '../../sse.ts';
import { announce, notify } from '../../state.ts';
import { confirm } from '../confirm.tsx';
import { adminIcons } from '../icons.tsx';
import { Badge, Choice, Panel, Section, useGet, Waiting } from '../parts.tsx';
import { Table, type Column } from '../table.tsx';
import { AuditPart } from './audit.tsx';
import { BackupsPart } from './backups.tsx';
import { Field, openTab, Sheet, Tabs } from './kit.tsx';

const TABS = [['sprints', 'Sprints'], ['config', 'Configuration'], ['logs', 'Log'], ['backups', 'Backups'], ['audit', 'Audit']] as const;

export function System(): JSX.Element {
  const tab = openTab(TABS);
  return (
    <Panel title="System">
      <Tabs panel="system" of={TABS} />
      {tab === 'sprints' ? <SprintsPart /> : tab === 'config' ? <ConfigPart /> : tab === 'logs' ? <LogsPart /> : tab === 'backups' ? <BackupsPart /> : <AuditPart />}
    </Panel>
  );
}

/* --- Sprints --------------------------------------------------------------------------------------------------------- */

interface Sprint {
  id: string;
  name: string;
  goal: string;
  starts_on: string;
  ends_on: string;
  items: number;
  done: number;
  version: number;
}

type Status = 'planned' | 'doing' | 'done' | 'dropped';
const STATES: readonly (readonly [Status, string])[] = [['planned', 'Planned'], ['doing', 'Doing'], ['done', 'Done'], ['dropped', 'Dropped']];

interface Item {
  id: string;
  title: string;
  status: Status;
  assignee: string;
  starts_on: string;
  ends_on: string;
  version: number;
}

const today = (): string => new Date().toISOString().slice(0, 10);
const span = (from: string, to: string): string => (from && to ? `${day(from)} – ${day(to)}` : from ? `from ${day(from)}` : to ? `until ${day(to)}` : '');

/* A change that somebody else was faster with is not forced through. */
async function change(what: () => Promise<unknown>, again: () => void): Promise<boolean> {
  try {
    await what();
    again();
    return true;
  } catch (e) {
    if (e instanceof ApiError && e.status === 409) {
      notify('Somebody else changed it meanwhile: this is how it stands now.', 'error');
      again();
    } else {
      notify(reason(e), 'error');
    }
    return false;
  }
}

function SprintsPart(): JSX.Element {
  const list = useGet<{ sprints: Sprint[] }>('/api/admin/sprints?limit=500');
  const [chosen, setChosen] = useState<string | null>(null);
  const [making, setMaking] = useState(false);
  const sprints = list.data?.sprints ?? [];
  const running = sprints.find((s) => s.starts_on <= today() && (s.ends_on === '' || s.ends_on >= today()));
  const open = sprints.find((s) => s.id === chosen) ?? running ?? sprints[0];
  return (
    <Section title="Sprints" tools={<button type="button" class="secondary" onClick={() => setMaking(true)}>{icons.plus}New sprint</button>}>
      <Waiting of={list} />
      {list.data && sprints.length === 0 ? <div class="empty">There is no sprint yet.</div> : null}
      {sprints.length > 1 ? (
        <label class="field inline"><span>Sprint</span>
          <select value={open?.id} onChange={(e) => setChosen(e.currentTarget.value)}>
            {sprints.map((s) => <option key={s.id} value={s.id}>{s.name}{s === running ? ' (now)' : ''}</option>)}
          </select>
        </label>
      ) : null}
      {open ? <Board key={open.id} id={open.id} changed={list.again} /> : null}
      {making ? <SprintSheet onClose={() => setMaking(false)} saved={(s) => {
        setChosen(s.id);
        list.again();
      }} /> : null}
    </Section>
  );
}

function SprintSheet({ sprint, onClose, saved }: { sprint?: Sprint; onClose: () => void; saved: (s: Sprint) => void }): JSX.Element {
  const [form, setForm] = useState({ name: sprint?.name ?? '', goal: sprint?.goal ?? '', starts_on: sprint?.starts_on ?? today(), ends_on: sprint?.ends_on ?? '' });
  const set = (part: Partial<typeof form>): void => setForm({ ...form, ...part });
  const submit = async (): Promise<void> => {
    const response = sprint
      ? await send('PATCH', `/api/admin/sprints/${sprint.id}`, { body: { ...form, version: sprint.version } })
      : await send('POST', '/api/admin/sprints', { body: form });
    saved((await response.json()) as Sprint);
  };
  return (
    <Sheet title={sprint ? 'Change the sprint' : 'A new sprint'} onClose={onClose} action={sprint ? 'Save' : 'Create'} submit={submit}>
      <Field name="Name"><input type="text" value={form.name} maxLength={200} onInput={(e) => set({ name: e.currentTarget.value })} /></Field>
      <Field name="Goal"><textarea rows={2} value={form.goal} onInput={(e) => set({ goal: e.currentTarget.value })} /></Field>
      <Dates form={form} set={set} />
    </Sheet>
  );
}

function Dates({ form, set }: { form: { starts_on: string; ends_on: string }; set: (part: { starts_on?: string; ends_on?: string }) => void }): JSX.Element {
  return (
    <div class="pair">
      <Field name="Starts"><input type="date" value={form.starts_on} onInput={(e) => set({ starts_on: e.currentTarget.value })} /></Field>
      <Field name="Ends"><input type="date" value={form.ends_on} onInput={(e) => set({ ends_on: e.currentTarget.value })} /></Field>
    </div>
  );
}

type Way = 'left' | 'right' | 'up' | 'down';
const KEYS: Record<string, Way> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };

/* What has to change for an item to go that way; null: it cannot. */
export function moved(board: { id: string; status: Status }[], item: { id: string; status: Status }, way: Way): { status: Status } | { before: string } | null {
  if (way === 'left' || way === 'right') {
    const at = STATES.findIndex(([s]) => s === item.status);
    const to = STATES[at + (way === 'left' ? -1 : 1)];
    return to ? { status: to[0] } : null;
  }
  const column = board.filter((i) => i.status === item.status);
  const at = column.findIndex((i) => i.id === item.id);
  if (way === 'up') return at > 0 ? { before: (column[at - 1] as { id: string }).id } : null;
  return at + 1 < column.length ? { before: column[at + 2]?.id ?? '' } : null;
}

function Board({ id, changed }: { id: string; changed: () => void }): JSX.Element {
  const got = useGet<Sprint & { board: Item[] }>(`/api/admin/sprints/${id}`, 15_000);
  const [sheet, setSheet] = useState<'sprint' | 'new' | Item | null>(null);
  const [dragged, setDragged] = useState<Item | null>(null);
  const focus = useRef<string | null>(null);
  const again = (): void => {
    got.again();
    changed();
  };
  /* A card that went to another column takes the focus along. */
  useLayoutEffect(() => {
    if (focus.current && got.data) document.getElementById(`card-${focus.current}`)?.focus();
    focus.current = null;
  }, [got.data]);
  const sprint = got.data;
  if (!sprint) return <Waiting of={got} rows={6} />;
  const patch = async (item: Item, part: object): Promise<void> => {
    focus.current = item.id;
    await change(() => send('PATCH', `/api/admin/sprint-items/${item.id}`, { body: { ...part, version: item.version } }), again);
  };
  const move = async (item: Item, way: Way): Promise<void> => {
    const part = moved(sprint.board, item, way);
    if (!part) return;
    await patch(item, part);
    if ('status' in part) announce(`${item.title}: ${part.status}`);
  };
  const remove = async (): Promise<void> => {
    if (!(await confirm({ title: `Remove “${sprint.name}”?`, text: `${plural(sprint.board.length, 'item')} go with it.`, yes: 'Remove' }))) return;
    try {
      await send('DELETE', `/api/admin/sprints/${sprint.id}?version=${sprint.version}`);
    } catch (e) {
      notify(reason(e), 'error');
    }
    changed();
  };
  return (
    <div class="sprint">
      <header class="sprint-head">
        <div>
          <h3>{sprint.name}</h3>
          <p class="quiet">{[span(sprint.starts_on, sprint.ends_on), `${sprint.done} of ${plural(sprint.items, 'item')} done`].filter((x) => x).join(' · ')}</p>
          {sprint.goal ? <p>{sprint.goal}</p> : null}
        </div>
        <div class="row-buttons">
          <button type="button" class="secondary" onClick={() => setSheet('new')}>{icons.plus}New item</button>
          <button type="button" class="icon-button" aria-label="Change the sprint" title="Change the sprint" onClick={() => setSheet('sprint')}>{icons.edit}</button>
          <button type="button" class="icon-button danger" aria-label="Remove the sprint" title="Remove the sprint" onClick={() => void remove()}>{icons.trash}</button>
        </div>
      </header>
      <progress max={Math.max(1, sprint.items)} value={sprint.done} aria-label="Items that are done" />
      <p class="quiet hint">Cards move with the arrow keys, by their buttons, or with the mouse.</p>
      <div class="board">
        {STATES.map(([status, title]) => {
          const column = sprint.board.filter((i) => i.status === status);
          return (
            <section key={status} class="lane" aria-label={title}
              onDragOver={(e) => {
                if (dragged) e.preventDefault();
              }}
              onDrop={(e) => {
                e.preventDefault();
                if (dragged && dragged.status !== status) void patch(dragged, { status, before: '' });
                setDragged(null);
              }}>
              <h4>{title} <span class="quiet">{number(column.length)}</span></h4>
              <ul>
                {column.map((item) => <Card key={item.id} item={item} move={(way) => void move(item, way)} open={() => setSheet(item)} drag={setDragged} can={(way) => moved(sprint.board, item, way) !== null} />)}
              </ul>
            </section>
          );
        })}
      </div>
      {sheet === 'sprint' ? <SprintSheet sprint={sprint} onClose={() => setSheet(null)} saved={again} /> : null}
      {sheet === 'new' ? <ItemSheet sprint={id} onClose={() => setSheet(null)} saved={again} /> : null}
      {sheet && typeof sheet === 'object' ? <ItemSheet sprint={id} item={sheet} onClose={() => setSheet(null)} saved={again} /> : null}
    </div>
  );
}

const WAYS: readonly (readonly [Way, string, string])[] = [['left', 'one column back', '←'], ['up', 'up', '↑'], ['down', 'down', '↓'], ['right', 'one column on', '→']];

function Card({ item, move, open, drag, can }: { item: Item; move: (way: Way) => void; open: () => void; drag: (item: Item | null) => void; can: (way: Way) => boolean }): JSX.Element {
  const late = item.ends_on !== '' && item.ends_on < today() && (item.status === 'planned' || item.status === 'doing');
  const onKey = (e: KeyboardEvent): void => {
    const way = KEYS[e.key];
    if (e.target !== e.currentTarget || e.altKey || e.ctrlKey || e.metaKey) return;
    if (way) {
      e.preventDefault();
      move(way);
    } else if (e.key === 'Enter') {
      open();
    }
  };
  return (
    <li id={`card-${item.id}`} class={'card item' + (late ? ' late' : '')} tabIndex={0} onKeyDown={onKey} draggable onDragStart={() => drag(item)} onDragEnd={() => drag(null)} aria-label={`${item.title}, ${item.status}`}>
      <button type="button" class="item-title" onClick={open}>{item.title}</button>
      {item.assignee || item.starts_on || item.ends_on ? (
        <p class="quiet">{[item.assignee, span(item.starts_on, item.ends_on)].filter((x) => x).join(' · ')}{late ? <> <Badge state="bad">late</Badge></> : null}</p>
      ) : null}
      <span class="item-moves">
        {WAYS.map(([way, words, sign]) => <button key={way} type="button" class="icon-button small" aria-label={`Move ${item.title} ${words}`} title={`Move ${words}`} disabled={!can(way)} onClick={() => move(way)}>{sign}</button>)}
      </span>
    </li>
  );
}

function ItemSheet({ sprint, item, onClose, saved }: { sprint: string; item?: Item; onClose: () => void; saved: () => void }): JSX.Element {
  const [form, setForm] = useState({ title: item?.title ?? '', status: item?.status ?? ('planned' as Status), assignee: item?.assignee ?? '', starts_on: item?.starts_on ?? '', ends_on: item?.ends_on ?? '' });
  const set = (part: Partial<typeof form>): void => setForm({ ...form, ...part });
  const submit = async (): Promise<void> => {
    if (item) await send('PATCH', `/api/admin/sprint-items/${item.id}`, { body: { ...form, version: item.version } });
    else await send('POST', '/api/admin/sprint-items', { body: { ...form, sprint } });
    saved();
  };
  const remove = async (): Promise<void> => {
    onClose();
    if (item && (await confirm({ title: `Remove “${item.title}”?`, text: 'It goes for good.', yes: 'Remove' })))
      await change(() => send('DELETE', `/api/admin/sprint-items/${item.id}?version=${item.version}`), saved);
  };
  return (
    <Sheet title={item ? 'Change the item' : 'A new item'} onClose={onClose} action={item ? 'Save' : 'Add'} submit={submit}>
      <Field name="Title"><input type="text" value={form.title} maxLength={500} onInput={(e) => set({ title: e.currentTarget.value })} /></Field>
      <div class="pair">
        <Field name="Status"><select value={form.status} onChange={(e) => set({ status: e.currentTarget.value as Status })}>{STATES.map(([s, title]) => <option key={s} value={s}>{title}</option>)}</select></Field>
        <Field name="Who"><input type="text" value={form.assignee} maxLength={200} onInput={(e) => set({ assignee: e.currentTarget.value })} /></Field>
      </div>
      <Dates form={form} set={set} />
      {item ? <button type="button" class="link danger" onClick={() => void remove()}>Remove this item</button> : null}
    </Sheet>
  );
}

/* --- Configuration --------------------------------------------------------------------------------------------------- */

interface Option {
  key: string;
  value: string;
  source: 'default' | 'file' | 'environment' | 'flag';
  origin: string;
  default: string;
  about: string;
  after_restart?: string;
}

const OPTIONS: Column<Option>[] = [
  { key: 'key', title: 'Option', value: (o) => o.key, show: (o) => <><code>{o.key}</code><small class="quiet under">{o.about}</small></>, main: true },
  { key: 'value', title: 'Value', value: (o) => o.value, show: (o) => <span>{o.value === '' ? <span class="quiet">empty</span> : <code class="value">{o.value}</code>}{o.after_restart !== undefined ? <small class="under"><Badge state="warn">after a restart</Badge> <code>{o.after_restart}</code></small> : null}</span> },
  { key: 'source', title: 'From', value: (o) => `${o.source} ${o.origin}`.trim(), show: (o) => <span>{o.source === 'default' ? <span class="quiet">default</span> : o.source}{o.origin ? <small class="quiet under"><code>{o.origin}</code></small> : null}</span> },
  { key: 'default', title: 'Default', value: (o) => o.default, show: (o) => <code class="quiet">{o.default || '–'}</code>, minor: true },
];

function ConfigPart(): JSX.Element {
  const got = useGet<{ options: Option[] }>('/api/admin/config', 15_000);
  return (
    <Section title="Configuration in force" note="Flags are stronger than variables, these than the file. SIGHUP has the file read again.">
      <Table name="Configuration" columns={OPTIONS} rows={got.data?.options ?? null} error={got.error} again={got.again} id={(o) => o.key} empty="There is none." />
    </Section>
  );
}

/* --- The log --------------------------------------------------------------------------------------------------------- */

interface Line {
  number: number;
  at: string;
  level: 'error' | 'warn' | 'info' | 'debug';
  event: string;
  text: string;
}

const LEVELS = [['debug', 'All'], ['warn', 'Warnings'], ['error', 'Errors']] as const;
type Level = (typeof LEVELS)[number][0];
const KEPT = 1000;
const SILENCE_MS = 60_000;
const RETRY_MS = 3_000;
const STATE = { error: 'bad', warn: 'warn', info: 'off', debug: 'off' } as const;

/* Lines as they come; asked for again from the last one on when the stream breaks. */
function useLines(level: Level, q: string): { lines: Line[]; error: string } {
  const [lines, setLines] = useState<Line[]>([]);
  const [error, setError] = useState('');
  useEffect(() => {
    const abort = new AbortController();
    let after = 0;
    setLines([]);
    const follow = async (): Promise<void> => {
      while (!abort.signal.aborted) {
        try {
          const response = await send('GET', `/api/admin/logs?limit=${KEPT}&level=${level}&after=${after}&q=${encodeURIComponent(q)}`, { signal: abort.signal, accept: 'text/event-stream' });
          setError('');
          for await (const event of readEvents(response.body as ReadableStream<Uint8Array>, SILENCE_MS)) {
            const more = JSON.parse(event.data) as { lines: Line[]; next: number };
            after = more.next;
            setLines((have) => [...have, ...more.lines].slice(-KEPT));
          }
        } catch (e) {
          if (isAbort(e)) return;
          setError(reason(e));
          if (e instanceof ApiError && e.status >= 400 && e.status < 500) return;
        }
        /* A server that was started again counts from one. */
        after = 0;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        if (!abort.signal.aborted) setLines([]);
      }
    };
    const timer = setTimeout(() => void follow(), q === '' ? 0 : 250);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [level, q]);
  return { lines, error };
}

function LogsPart(): JSX.Element {
  const [level, setLevel] = useState<Level>('debug');
  const [q, setQ] = useState('');
  const { lines, error } = useLines(level, q);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([lines.map((l) => `${l.at} ${l.level} ${l.event} ${l.text}\n`).join('')], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'sky.log';
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <Section title="Log" note={`The last ${number(KEPT)} lines, and new ones as they come.`}
      tools={
        <>
          <label class="search-field"><span class="sr-only">Find in the log</span>{icons.search}<input type="search" placeholder="Find" value={q} onInput={(e) => setQ(e.currentTarget.value)} /></label>
          <Choice name="Gravity" value={level} of={LEVELS} onChange={setLevel} />
          <button type="button" class="secondary" disabled={lines.length === 0} onClick={save}>{adminIcons.download}Save</button>
        </>
      }>
      {error !== '' ? <div class="note bad" role="alert">{error}</div> : null}
      <div class="log" ref={box} tabIndex={0} role="log" aria-label="Lines of the log" aria-live="off" onScroll={(e) => void (atEnd.current = e.currentTarget.scrollHeight - e.currentTarget.scrollTop - e.currentTarget.clientHeight < 30)}>
        {lines.length === 0 ? <p class="quiet">No line fits.</p> : null}
        {lines.map((l) => (
          <p key={l.number} class={`log-line ${l.level}`}><time dateTime={l.at}>{l.at.slice(11, 23)}</time> <Badge state={STATE[l.level]}>{l.level}</Badge> <b>{l.event}</b> <span>{l.text}</span></p>
        ))}
      </div>
    </Section>
  );
}
