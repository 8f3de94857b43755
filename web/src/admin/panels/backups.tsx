/* Backups: how old the last good one is, one more now, and those that are there. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { reason, send } from '../../api.ts';
import { bytes, duration_ms, moment, number, plural } from '../../format.ts';
import { announce, notify } from '../../state.ts';
import { Badge, Figure, Figures, Section, useGet, Waiting, type State } from '../parts.tsx';
import { Table, type Column } from '../table.tsx';

interface Backup {
  name: string;
  bytes: number;
  created_at: string;
  schema: number;
  engine: string;
  sealed: boolean;
  keys: boolean;
  scheduled: boolean;
}

interface Backups {
  every_h: number;
  keep: number;
  folder: string;
  sealed: boolean;
  running: boolean;
  progress: { share: number; spent_s: number; left_s: number | null } | null;
  last_at: string | null;
  last_age_s: number | null;
  last_bytes: number | null;
  last_took_s: number | null;
  failed_at: string | null;
  failure: string | null;
  files: Backup[];
}

/* How long ago, in the largest unit that says it. */
export function age(seconds: number): string {
  if (seconds < 90) return 'just now';
  if (seconds < 5400) return `${number(Math.round(seconds / 60))} minutes`;
  if (seconds < 172_800) return `${number(Math.round(seconds / 3600))} hours`;
  return `${number(Math.round(seconds / 86_400))} days`;
}

/* Late: half as old again as it should get. */
export function state(b: Pick<Backups, 'every_h' | 'last_age_s' | 'failed_at'>): State {
  if (b.failed_at !== null) return 'bad';
  if (b.last_age_s === null) return b.every_h > 0 ? 'warn' : 'off';
  return b.every_h > 0 && b.last_age_s > 1.5 * 3600 * b.every_h ? 'warn' : 'good';
}

const COLUMNS: Column<Backup>[] = [
  { key: 'name', title: 'File', value: (b) => b.name, main: true },
  { key: 'at', title: 'Made', value: (b) => b.created_at, show: (b) => moment(b.created_at) },
  { key: 'bytes', title: 'Size', value: (b) => b.bytes, show: (b) => bytes(b.bytes), number: true },
  { key: 'holds', title: 'Holds', value: (b) => (b.keys ? 'store and keys' : 'store') },
  { key: 'sealed', title: 'Sealed', value: (b) => (b.sealed ? 'with a passphrase' : 'no') },
  { key: 'schema', title: 'Schema', value: (b) => b.schema, number: true, minor: true },
  { key: 'by', title: 'Kept by', value: (b) => (b.scheduled ? 'this server' : 'you'), minor: true },
];

function Progress({ of }: { of: NonNullable<Backups['progress']> }): JSX.Element {
  return (
    <div class="backup-progress" role="status">
      <progress value={of.share} max={1} aria-label="Making a backup" />
      <p class="quiet">{Math.round(of.share * 100)} %{of.left_s === null ? '' : `, about ${duration_ms(of.left_s * 1000)} left`}</p>
    </div>
  );
}

export function BackupsPart(): JSX.Element {
  const [quick, setQuick] = useState(false);
  const got = useGet<Backups>('/api/admin/backup', quick ? 500 : 15_000);
  const b = got.data;
  if (b && quick !== b.running) setQuick(b.running);
  const make = async (): Promise<void> => {
    try {
      await send('POST', '/api/admin/backup', { body: {} });
      announce('A backup is being made.');
      got.again();
    } catch (e) {
      notify(reason(e), 'error');
    }
  };
  return (
    <Section title="Backups" note={b ? <>{b.every_h > 0 ? `Every ${plural(b.every_h, 'hour')}, the newest ${number(b.keep)} are kept, in ` : 'Made only when asked (backup.every is 0); kept in '}<code>{b.folder}</code>.</> : undefined}
      tools={<button type="button" class="secondary" disabled={!b || b.running} onClick={() => void make()}>Back up now</button>}>
      <Waiting of={got} />
      {b ? (
        <>
          {b.progress ? <Progress of={b.progress} /> : null}
          <Figures>
            <Figure name="Last good backup" state={state(b)} value={b.last_age_s === null ? 'none' : age(b.last_age_s)} note={b.last_at ? moment(b.last_at) : undefined} />
            <Figure name="Size" value={b.last_bytes === null ? '–' : bytes(b.last_bytes)} />
            <Figure name="Took" value={b.last_took_s === null ? '–' : duration_ms(b.last_took_s * 1000)} />
          </Figures>
          {b.failure ? <div class="note bad" role="alert"><Badge state="bad">Failed</Badge> {b.failed_at ? moment(b.failed_at) : ''}: {b.failure}</div> : null}
          {b.sealed ? null : <p class="quiet">These backups are not sealed and hold no keys: <code>backup.passphrase-file</code> names a passphrase.</p>}
          <Table name="Backups" small columns={COLUMNS} rows={b.files} error="" again={got.again} id={(f) => f.name} empty="There is no backup in this folder." />
        </>
      ) : null}
    </Section>
  );
}
