/* What happens: traffic, how long answers take, what went wrong; now, and over an hour, a day, a week or a month. */

import { useMemo, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { bytes, cost_microusd, duration_ms, number } from '../format.ts';
import { Chart, type Series } from './chart.tsx';
import { live, type Live } from './live.ts';
import { Choice, Figure, Figures, Panel, Section, useGet, Waiting } from './parts.tsx';
import { Table, type Column } from './table.tsx';

interface Level {
  level: string;
  total: number;
  total_p50_ms: number | null;
  total_p95_ms: number | null;
  answers: number[];
  p50_ms: (number | null)[];
  p95_ms: (number | null)[];
}

interface Report {
  range: Range;
  step_s: number;
  times: number[];
  levels: Level[];
  refused: number[];
  failed: number[];
  cancelled: number[];
  tokens_in: number[];
  tokens_out: number[];
  cost_microusd: number[];
  totals: { answers: number; refused: number; failed: number; cancelled: number; tokens_in: number; tokens_out: number; cost_microusd: number };
  http: {
    times: number[];
    '2xx': number[];
    '3xx': number[];
    '4xx': number[];
    '5xx': number[];
    connections: number[];
    memory_bytes: number[];
    cpu_percent: number[];
  };
}

const RANGES = [['1h', '1 h'], ['24h', '24 h'], ['7d', '7 days'], ['30d', '30 days']] as const;
type Range = (typeof RANGES)[number][0];

/* Often enough to see something move, rarely enough to cost nothing. */
const REFRESH_MS: Record<Range, number> = { '1h': 15_000, '24h': 60_000, '7d': 300_000, '30d': 300_000 };

const rate = (n: number): string => (n < 10 ? n.toFixed(1) : number(Math.round(n)));
const colourOf = (level: string): string => `--c${level.slice(1)}`;
const whole = (n: number): string => (n < 1000 || !Number.isInteger(n / 1000) ? number(n) : `${number(n / 1000)}k`);

function nameOf(level: string): string {
  const names: Record<string, string> = { L0: 'L0 remembered', L1: 'L1 passages', L2: 'L2 local model', L3: 'L3 remote', L4: 'L4 remote', L5: 'L5 remote' };
  return names[level] ?? level;
}

export function Overview(): JSX.Element {
  const [range, setRange] = useState<Range>('24h');
  const report = useGet<Report>(`/api/admin/overview?range=${range}`, REFRESH_MS[range]);
  return (
    <Panel title="Overview" tools={<Choice name="Span of time" value={range} of={RANGES} onChange={setRange} />}>
      <Now now={live.value} />
      <Waiting of={report} rows={6} />
      {report.data ? <Past report={report.data} /> : null}
    </Panel>
  );
}

/* --- Now ------------------------------------------------------------------------------------------------------------ */

function Now({ now }: { now: Live | null }): JSX.Element {
  const dash = '–';
  const learning = now && (now.learning.active || now.learning.vectors_pending > 0);
  return (
    <Section title="Now" note={now ? undefined : 'The numbers come as soon as the server is heard.'}>
      <Figures>
        <Figure name="Requests a second" value={now ? rate(now.http.requests_s) : dash} note={now ? `${number(now.http.in_flight)} under way, this page among them` : undefined} />
        <Figure name="Connections" value={now ? number(now.http.connections) : dash} />
        <Figure name="Server errors" value={now ? number(now.http.requests['5xx']) : dash} note="since the start" {...(now && now.http.errors_s > 0 ? { state: 'bad' as const } : {})} />
        <Figure name="Processor" value={now ? `${now.process.cpu_percent.toFixed(0)} %` : dash} note="of one core" />
        <Figure name="Memory" value={now ? bytes(now.process.memory_bytes) : dash} />
        <Figure
          name="Knowledge"
          value={now ? number(now.knowledge.documents) : dash}
          note={!now ? undefined : learning ? `documents; ${number(now.learning.vectors_pending)} passages wait` : `documents, ${number(now.knowledge.chunks)} passages`}
        />
      </Figures>
      {now && now.store !== 'ok' ? <div class="note bad" role="alert">The store takes no changes: {now.store}.</div> : null}
    </Section>
  );
}

/* --- Before --------------------------------------------------------------------------------------------------------- */

const STARTED = 'Nothing was measured yet: the server has just started.';
const CLASSES = [['2xx', 'answered', '--c0'], ['3xx', 'elsewhere', '--c5'], ['4xx', 'refused', '--c3'], ['5xx', 'server error', '--c4']] as const;

function Past({ report }: { report: Report }): JSX.Element {
  const { totals, http } = report;
  const series = useMemo(() => {
    const traffic: Series[] = report.levels.map((l) => ({ name: nameOf(l.level), colour: colourOf(l.level), values: l.answers }));
    const latency: Series[] = report.levels.map((l) => ({ name: nameOf(l.level), colour: colourOf(l.level), values: l.p95_ms }));
    const trouble: Series[] = [
      { name: 'not in the documents', colour: '--c1', values: report.refused },
      { name: 'failed', colour: '--c4', values: report.failed },
      { name: 'stopped by the reader', colour: '--c5', values: report.cancelled },
    ];
    const tokens: Series[] = [
      { name: 'read', colour: '--c1', values: report.tokens_in },
      { name: 'written', colour: '--c2', values: report.tokens_out },
    ];
    const requests: Series[] = CLASSES.map(([key, name, colour]) => ({ name: `${key} ${name}`, colour, values: http[key] }));
    const load: Series[] = [{ name: 'processor', colour: '--c1', values: http.cpu_percent }];
    const memory: Series[] = [{ name: 'memory', colour: '--c2', values: http.memory_bytes }];
    return { traffic, latency, trouble, tokens, requests, load, memory };
  }, [report]);
  return (
    <>
      <Section title="Answers">
        <Figures>
          <Figure name="Answers" value={number(totals.answers)} />
          <Figure name="Not in the documents" value={number(totals.refused)} note={totals.answers > 0 ? `${((100 * totals.refused) / totals.answers).toFixed(0)} % of all` : undefined} />
          <Figure name="Failed" value={number(totals.failed)} {...(totals.failed > 0 ? { state: 'bad' as const } : {})} />
          <Figure name="Tokens" value={number(totals.tokens_in + totals.tokens_out)} note={`${number(totals.tokens_out)} written`} />
          <Figure name="Cost" value={cost_microusd(totals.cost_microusd)} />
        </Figures>
        <div class="two">
          <Chart title="Answers by level" times={report.times} series={series.traffic} bars write={whole} />
          <Chart title="Latency by level, 95th percentile" times={report.times} series={series.latency} write={duration_ms} />
          <Chart title="Not answered" times={report.times} series={series.trouble} bars write={whole} />
          <Chart title="Tokens of models" times={report.times} series={series.tokens} bars write={whole} />
        </div>
        <Levels levels={report.levels} />
      </Section>
      <Section title="Requests" note="Since the server started, at most a week.">
        <div class="two">
          <Chart title="Requests a second by status" times={http.times} series={series.requests} write={rate} empty={STARTED} />
          <Chart title="Processor, per cent of one core" times={http.times} series={series.load} write={(n) => `${n < 10 ? n.toFixed(1) : Math.round(n)} %`} empty={STARTED} />
          <Chart title="Memory" times={http.times} series={series.memory} write={bytes} empty={STARTED} />
        </div>
      </Section>
    </>
  );
}

const time = (ms: number | null): string => (ms === null ? '–' : duration_ms(ms));

const COLUMNS: Column<Level>[] = [
  { key: 'level', title: 'Level', value: (l) => nameOf(l.level), main: true },
  { key: 'answers', title: 'Answers', value: (l) => l.total, number: true },
  { key: 'p50', title: 'Median', value: (l) => l.total_p50_ms, show: (l) => time(l.total_p50_ms), number: true },
  { key: 'p95', title: '95th percentile', value: (l) => l.total_p95_ms, show: (l) => time(l.total_p95_ms), number: true },
];

function Levels({ levels }: { levels: Level[] }): JSX.Element {
  return <Table name="Levels" small columns={COLUMNS} rows={levels} id={(l) => l.level} empty="Nothing was asked in this time." />;
}
