/* What is known: sources, documents, the index; what is being learned; learning a folder, again, and forgetting. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { api, reason, send, type DocumentInfo, type Job } from '../api.ts';
import { baseName, bytes, left_s, moment, number, percent, plural } from '../format.ts';
import { icons } from '../icons.tsx';
import { notify } from '../state.ts';
import { isOwner } from './access.ts';
import { live } from './live.ts';
import { Badge, Figure, Figures, Panel, Section, useGet, Waiting, type State } from './parts.tsx';
import { Table, type Action, type Column } from './table.tsx';
import type { PageOf } from './rows.ts';

interface Source {
  id: string;
  source: string;
  upload: boolean;
  documents: number;
  bytes: number;
  learned_at: string;
}

interface JobInfo extends Job {
  what: string;
  whats: number;
  forgets: boolean;
  begun_at: string;
}

/* While something is learned its progress is looked at often, else now and then. */
const BUSY_MS = 1_000;
const IDLE_MS = 10_000;

const path = encodeURIComponent;

export function Knowledge(): JSX.Element {
  const [busy, setBusy] = useState(false);
  const jobs = useGet<{ jobs: JobInfo[] }>('/api/crawler/jobs', busy ? BUSY_MS : IDLE_MS);
  const [version, setVersion] = useState(0);
  const changed = (): void => setVersion((v) => v + 1);
  const running = jobs.data?.jobs.some((j) => j.state === 'running') ?? false;
  /* What was learned or forgotten shows in the tables once it is over; a job may be quicker than we look. */
  const over = jobs.data?.jobs.filter((j) => j.state !== 'running').map((j) => j.id).join();
  const before = useRef<string | undefined>(undefined);
  useEffect(() => setBusy(running), [running]);
  useEffect(() => {
    if (before.current !== undefined) changed();
    before.current = over;
  }, [over]);
  const started = (): void => {
    setBusy(true);
    jobs.again();
  };
  return (
    <Panel title="Knowledge" note="What the answers are made of.">
      <Index />
      {isOwner() ? <LearnPath onStarted={started} /> : null}
      <Section title="Jobs">
        <Waiting of={jobs} />
        {jobs.data ? <Jobs jobs={jobs.data.jobs} again={jobs.again} /> : null}
      </Section>
      <Section title="Sources" note="Folders and files that were learned, and what was sent.">
        <Table name="Sources" small columns={SOURCES} id={(s) => s.id} page={pageOfSources} version={version} empty="Nothing was learned yet." actions={(s) => sourceActions(s, started)} />
      </Section>
      <Section title="Documents">
        <Table name="Documents" columns={DOCUMENTS} id={(d) => d.id} page={pageOfDocuments} version={version} empty="There are no documents yet." actions={(d) => documentActions(d, changed)} />
      </Section>
    </Panel>
  );
}

/* --- The index ------------------------------------------------------------------------------------------------------ */

function Index(): JSX.Element {
  const now = live.value;
  const k = now?.knowledge;
  const l = now?.learning;
  const done = k ? percent(k.vectors, k.chunks) : 0;
  return (
    <Section title="Index">
      <Figures>
        <Figure name="Documents" value={k ? number(k.documents) : '–'} />
        <Figure name="Passages" value={k ? number(k.chunks) : '–'} />
        <Figure name="With vectors" value={k ? (k.chunks > 0 ? `${done} %` : '–') : '–'} note={k ? `${number(k.vectors)} of ${number(k.chunks)}` : undefined} />
        <Figure name="Waiting" value={l ? number(l.vectors_pending) : '–'} note={l && l.second_pending > 0 ? `${number(l.second_pending)} for the second model` : 'passages without vectors'} />
        <Figure name="Rate" value={l && l.vectors_pending > 0 ? `${l.rate_s.toFixed(1)}/s` : '–'} note={l && l.vectors_pending > 0 && l.eta_s > 0 ? `${left_s(l.eta_s)} left` : undefined} />
      </Figures>
      {k && l && l.vectors_pending > 0 ? <progress aria-label="Passages with vectors" value={k.vectors} max={Math.max(1, k.chunks)} /> : null}
    </Section>
  );
}

/* --- Learning a path ------------------------------------------------------------------------------------------------ */

function LearnPath({ onStarted }: { onStarted: () => void }): JSX.Element {
  const [value, setValue] = useState('');
  const [error, setError] = useState('');
  const [sending, setSending] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const submit = async (e: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    e.preventDefault();
    const wanted = value.trim();
    if (!wanted.startsWith('/')) {
      setError('Give the whole path of a folder or file on the server, beginning with /.');
      field.current?.focus();
      return;
    }
    setSending(true);
    setError('');
    try {
      await api.learnPaths([wanted]);
      setValue('');
      notify(`Learning ${wanted}`);
      onStarted();
    } catch (e) {
      setError(reason(e));
    } finally {
      setSending(false);
    }
  };
  return (
    <Section title="Learn a folder">
      <form class="learn-path" onSubmit={(e) => void submit(e)}>
        <label class="sr-only" for="learn-path">Path on the server</label>
        <input
          id="learn-path"
          ref={field}
          type="text"
          spellcheck={false}
          autocomplete="off"
          placeholder="/srv/handbooks"
          value={value}
          aria-invalid={error !== ''}
          aria-describedby={error ? 'learn-path-error' : undefined}
          onInput={(e) => setValue(e.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={sending}>{icons.folder}Learn</button>
      </form>
      {error ? <p class="field-error" id="learn-path-error" role="alert">{error}</p> : null}
    </Section>
  );
}

/* --- Jobs ----------------------------------------------------------------------------------------------------------- */

const JOB_STATES: Record<Job['state'], [State, string]> = {
  running: ['warn', 'running'],
  done: ['good', 'done'],
  failed: ['bad', 'failed'],
  cancelled: ['off', 'stopped'],
};

const nameOfJob = (j: JobInfo): string => (j.whats > 1 ? `${j.what} and ${plural(j.whats - 1, 'other')}` : j.what);

function outcome(j: JobInfo): string {
  const parts: string[] = [];
  if (j.waiting) parts.push(`waiting: ${j.waiting}`);
  if (j.added > 0) parts.push(`${number(j.added)} new`);
  if (j.updated > 0) parts.push(`${number(j.updated)} changed`);
  if (j.unchanged > 0) parts.push(`${number(j.unchanged)} unchanged`);
  if (j.duplicates > 0) parts.push(plural(j.duplicates, 'double'));
  if (j.removed > 0) parts.push(`${number(j.removed)} forgotten`);
  if (j.failed > 0) parts.push(`${number(j.failed)} failed`);
  if (j.skipped > 0) parts.push(`${number(j.skipped)} skipped as empty`);
  return parts.join(', ') || (j.state === 'running' ? j.phase : 'nothing to do');
}

const JOBS: Column<JobInfo>[] = [
  { key: 'what', title: 'What', value: nameOfJob, main: true, show: (j) => <span dir="auto">{j.forgets ? 'Forget ' : ''}{nameOfJob(j)}</span> },
  {
    key: 'state',
    title: 'State',
    value: (j) => JOB_STATES[j.state][1],
    show: (j) => <Badge state={JOB_STATES[j.state][0]}>{JOB_STATES[j.state][1]}</Badge>,
  },
  {
    key: 'progress',
    title: 'Progress',
    value: (j) => (j.files_total > 0 ? Math.round((100 * j.files_done) / j.files_total) : null),
    show: (j) => (
      <span class="job-progress">
        {number(j.files_done)} of {number(j.files_total)}{j.state === 'running' && !j.waiting && j.eta_s > 0 ? `, ${left_s(j.eta_s)} left` : ''}
        {j.state === 'running' ? <progress aria-label={`Progress of ${nameOfJob(j)}`} {...(j.files_total > 0 ? { value: j.files_done, max: j.files_total } : {})} /> : null}
      </span>
    ),
  },
  { key: 'outcome', title: 'Outcome', value: outcome, show: (j) => <Outcome job={j} /> },
  { key: 'begun', title: 'Begun', value: (j) => j.begun_at, show: (j) => moment(j.begun_at), minor: true },
];

function Outcome({ job }: { job: JobInfo }): JSX.Element {
  if (job.errors.length === 0) return <>{outcome(job)}</>;
  return (
    <details class="job-errors">
      <summary>{outcome(job)}</summary>
      <ul>{job.errors.map((e) => <li key={e.document}><b>{baseName(e.document)}</b> {e.error}</li>)}</ul>
    </details>
  );
}

function Jobs({ jobs, again }: { jobs: JobInfo[]; again: () => void }): JSX.Element {
  const actions = (j: JobInfo): Action[] =>
    j.state !== 'running' ? [] : [{ label: 'Stop', danger: true, run: () => api.cancelJob(j.id).then(again) }];
  return <Table name="Jobs" columns={JOBS} rows={jobs} id={(j) => j.id} empty="Nothing was learned since the server started." actions={actions} small={jobs.length <= 8} />;
}

/* --- Sources -------------------------------------------------------------------------------------------------------- */

const pageOfSources: PageOf<Source> = async ({ after, limit, signal }) => {
  const query = new URLSearchParams({ limit: String(limit), ...(after === null ? {} : { after }) });
  const response = await send('GET', `/api/crawler/sources?${query}`, { signal });
  const { sources, next } = (await response.json()) as { sources: Source[]; next: string | null };
  return { rows: sources, next };
};

const nameOfSource = (s: Source): string => (s.upload ? 'Sent by people' : s.source);

const SOURCES: Column<Source>[] = [
  { key: 'source', title: 'Source', value: nameOfSource, main: true, show: (s) => <span dir="auto">{nameOfSource(s)}</span> },
  { key: 'documents', title: 'Documents', value: (s) => s.documents, number: true },
  { key: 'bytes', title: 'Size', value: (s) => s.bytes, show: (s) => bytes(s.bytes), number: true },
  { key: 'learned', title: 'Last change', value: (s) => s.learned_at, show: (s) => moment(s.learned_at) },
];

function sourceActions(s: Source, started: () => void): Action[] {
  const again: Action = {
    label: 'Learn again',
    icon: icons.retry,
    run: async () => {
      await send('POST', `/api/crawler/sources/${path(s.id)}/learn`, { body: {} });
      started();
    },
  };
  const forget: Action = {
    label: 'Forget',
    icon: icons.trash,
    danger: true,
    ask: {
      title: `Forget ${nameOfSource(s)}?`,
      text: s.upload
        ? `${plural(s.documents, 'document')} that people sent leave the knowledge. They can only be sent again.`
        : `${plural(s.documents, 'document')} leave the knowledge. The files stay where they are, and can be learned again.`,
      yes: 'Forget',
    },
    run: async () => {
      await send('DELETE', `/api/crawler/sources/${path(s.id)}`);
      started();
      if (s.upload || !isOwner()) return notify(`Forgetting ${nameOfSource(s)}`);
      notify(`Forgetting ${nameOfSource(s)}`, 'info', {
        label: 'Learn it again',
        run: () => void api.learnPaths([s.source]).then(started, (e: unknown) => notify(reason(e), 'error')),
      });
    },
  };
  return s.upload || !isOwner() ? [forget] : [again, forget];
}

/* --- Documents ------------------------------------------------------------------------------------------------------ */

const pageOfDocuments: PageOf<DocumentInfo> = async ({ after, filter, limit, signal }) => {
  const { documents, next } = await api.documents(filter.trim(), after, signal, limit);
  return { rows: documents, next };
};

const DOCUMENTS: Column<DocumentInfo>[] = [
  {
    key: 'document',
    title: 'Document',
    value: (d) => d.document,
    main: true,
    show: (d) => (
      <span class="document-cell">
        <a href={`/#/knowledge?doc=${path(d.id)}`} dir="auto">{d.title || baseName(d.document)}</a>
        <small class="quiet" dir="auto">{d.document}</small>
      </span>
    ),
  },
  { key: 'bytes', title: 'Size', value: (d) => d.bytes, show: (d) => bytes(d.bytes), number: true },
  { key: 'chunks', title: 'Passages', value: (d) => d.chunks, number: true },
  { key: 'vectors', title: 'With vectors', value: (d) => d.vectors, number: true },
  { key: 'learned', title: 'Learned', value: (d) => d.learned_at, show: (d) => moment(d.learned_at), minor: true },
];

function documentActions(d: DocumentInfo, changed: () => void): Action[] {
  const upload = d.document.startsWith('upload:');
  return [{
    label: 'Forget',
    icon: icons.trash,
    danger: true,
    ask: {
      title: `Forget ${d.title || baseName(d.document)}?`,
      text: upload ? 'It leaves the knowledge, and can only be sent again.' : 'It leaves the knowledge. The file stays where it is; learning its folder again brings it back.',
      yes: 'Forget',
    },
    run: async () => {
      await api.unlearn(d.id);
      changed();
      if (upload || !isOwner()) return notify('Forgotten');
      notify('Forgotten', 'info', {
        label: 'Learn it again',
        run: () => void api.learnPaths([d.source]).then(() => setTimeout(changed, BUSY_MS), (e: unknown) => notify(reason(e), 'error')),
      });
    },
  }];
}
