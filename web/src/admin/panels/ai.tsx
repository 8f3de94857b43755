/* The AI: what answers cost, which levels there are, who answers remotely, what may be spent, the prompt, the answers voted down, and costs from elsewhere. */

import { useMemo, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { ApiError, problemFrom, reason, send, type Receipt } from '../../api.ts';
import { levelInUse } from '../../budget.tsx';
import { cost_microusd, day, duration_ms, moment, number, plural } from '../../format.ts';
import { icons } from '../../icons.tsx';
import { notify } from '../../state.ts';
import { Chart, type Series } from '../chart.tsx';
import { adminIcons } from '../icons.tsx';
import { Badge, Choice, Figure, Figures, Panel, Section, useGet, Waiting } from '../parts.tsx';
import type { PageOf } from '../rows.ts';
import { Table, type Action, type Column } from '../table.tsx';
import { Budgets } from './budgets.tsx';
import { Field, nameOf, openTab, Sheet, Tabs, usePeople, When, Who, type Person } from './kit.tsx';
import { Providers } from './providers.tsx';

const TABS = [['usage', 'Usage'], ['providers', 'Providers'], ['budgets', 'Budgets'], ['prompt', 'Prompt'], ['votes', 'Voted down'], ['costs', 'Costs']] as const;

export function Ai(): JSX.Element {
  const tab = openTab(TABS);
  return (
    <Panel title="AI">
      <Tabs panel="ai" of={TABS} />
      {tab === 'usage' ? <UsagePart /> : tab === 'providers' ? <Providers /> : tab === 'budgets' ? <Budgets /> : tab === 'prompt' ? <PromptPart /> : tab === 'votes' ? <VotesPart /> : <CostsPart />}
    </Panel>
  );
}

/* --- Usage ----------------------------------------------------------------------------------------------------------- */

interface Usage {
  key: string;
  answers: number;
  answered: number;
  cached: number;
  tokens_in: number;
  tokens_out: number;
  cost_microusd: number;
  p50_ms: number;
  p95_ms: number;
}

const RANGES = [['7d', '7 days'], ['30d', '30 days'], ['90d', '90 days'], ['400d', '400 days']] as const;
type Range = (typeof RANGES)[number][0];
const DAY_S = 86_400;
const seconds = (date: string): number => Date.parse(date + 'T00:00:00Z') / 1000;
const share = (part: number, whole: number): string => (whole > 0 ? `${((100 * part) / whole).toFixed(0)} %` : '–');

/* Every day of a range, so that days on which nothing was are seen. */
function daysOf(range: Range): string[] {
  const count = Number.parseInt(range, 10);
  const today = Math.floor(Date.now() / 1000 / DAY_S);
  return Array.from({ length: count + 1 }, (_, i) => new Date((today - count + i) * DAY_S * 1000).toISOString().slice(0, 10));
}

function UsagePart(): JSX.Element {
  const [range, setRange] = useState<Range>('30d');
  const people = usePeople();
  const byDay = useGet<{ usage: Usage[] }>(`/api/admin/usage?by=day&range=${range}`, 60_000);
  return (
    <>
      <Section title="Answers" tools={<Choice name="Span of time" value={range} of={RANGES} onChange={setRange} />}>
        <Waiting of={byDay} rows={5} />
        {byDay.data ? <Days usage={byDay.data.usage} range={range} /> : null}
        <Sums by="user" title="By account" range={range} people={people} />
        <Sums by="model" title="By model" range={range} people={people} />
        <Sums by="level" title="By level" range={range} people={people} />
      </Section>
      <Levels />
      <Prices />
    </>
  );
}

function Days({ usage, range }: { usage: Usage[]; range: Range }): JSX.Element {
  const all = usage.reduce((s, u) => ({ answers: s.answers + u.answers, answered: s.answered + u.answered, cached: s.cached + u.cached, tokens: s.tokens + u.tokens_in + u.tokens_out, out: s.out + u.tokens_out, cost: s.cost + u.cost_microusd }), { answers: 0, answered: 0, cached: 0, tokens: 0, out: 0, cost: 0 });
  const { times, tokens, cost, answers } = useMemo(() => {
    const days = daysOf(range);
    const found = new Map(usage.map((u) => [u.key, u]));
    const of = (what: (u: Usage) => number): number[] => days.map((d) => (found.has(d) ? what(found.get(d) as Usage) : 0));
    return {
      times: days.map(seconds),
      tokens: [
        { name: 'read', colour: '--c1', values: of((u) => u.tokens_in) },
        { name: 'written', colour: '--c2', values: of((u) => u.tokens_out) },
      ] as Series[],
      cost: [{ name: 'cost', colour: '--c0', values: of((u) => u.cost_microusd / 1e6) }] as Series[],
      answers: [
        { name: 'from the cache', colour: '--c0', values: of((u) => u.cached) },
        { name: 'worked out', colour: '--c1', values: of((u) => u.answers - u.cached) },
      ] as Series[],
    };
  }, [usage, range]);
  const whole = (n: number): string => (Number.isInteger(n) ? number(n) : '');
  const usd = (n: number): string => '$' + n.toFixed(n < 1 ? 4 : 2);
  return (
    <>
      <Figures>
        <Figure name="Answers" value={number(all.answers)} note={`${share(all.answered, all.answers)} found in the documents`} />
        <Figure name="From the cache" value={share(all.cached, all.answers)} note={plural(all.cached, 'answer')} />
        <Figure name="Tokens" value={number(all.tokens)} note={`${number(all.out)} written`} />
        <Figure name="Cost" value={cost_microusd(all.cost)} />
      </Figures>
      <div class="two">
        <Chart title="Answers a day" times={times} series={answers} bars write={whole} />
        <Chart title="Tokens a day" times={times} series={tokens} bars write={whole} />
        <Chart title="Cost a day" times={times} series={cost} bars write={usd} />
      </div>
    </>
  );
}

function Sums({ by, title, range, people }: { by: 'user' | 'model' | 'level'; title: string; range: Range; people: Map<string, Person> }): JSX.Element {
  const got = useGet<{ usage: Usage[] }>(`/api/admin/usage?by=${by}&range=${range}`, 60_000);
  const columns = useMemo(
    (): Column<Usage>[] => [
      by === 'user'
        ? { key: 'key', title: 'Account', value: (u) => nameOf(u.key, people), show: (u) => <Who id={u.key} people={people} />, main: true }
        : { key: 'key', title: by === 'model' ? 'Model' : 'Level', value: (u) => u.key, main: true },
      { key: 'answers', title: 'Answers', value: (u) => u.answers, number: true },
      { key: 'cached', title: 'Cached', value: (u) => u.cached, show: (u) => share(u.cached, u.answers), number: true },
      { key: 'in', title: 'Tokens read', value: (u) => u.tokens_in, number: true },
      { key: 'out', title: 'Tokens written', value: (u) => u.tokens_out, number: true },
      { key: 'cost', title: 'Cost', value: (u) => u.cost_microusd / 1e6, show: (u) => cost_microusd(u.cost_microusd), number: true },
      { key: 'p50', title: 'Median', value: (u) => u.p50_ms, show: (u) => duration_ms(u.p50_ms), number: true },
      { key: 'p95', title: '95th percentile', value: (u) => u.p95_ms, show: (u) => duration_ms(u.p95_ms), number: true },
    ],
    [by, people],
  );
  return (
    <>
      <h3 class="sub">{title}</h3>
      <Table name={`Usage ${title.toLowerCase()}`} small={by !== 'user'} columns={columns} rows={got.data?.usage ?? null} error={got.error} again={got.again} id={(u) => u.key} empty="Nothing was asked in this time." />
    </>
  );
}

/* --- Levels and prices ----------------------------------------------------------------------------------------------- */

const LEVELS: Record<string, string> = { L0: 'remembered answers', L1: 'passages of documents', L2: 'the local model' };

function Levels(): JSX.Element {
  const got = useGet<{ levels: { level: string; ready: boolean; why: string }[] }>('/api/admin/levels', 30_000);
  const checks = useGet<{ checks: { check: string; ok: boolean; detail: string }[] }>('/api/status/checks');
  return (
    <Section title="Levels now">
      <Waiting of={got} />
      {got.data ? (
        <ul class="states">
          {got.data.levels.filter((l) => l.ready || levelInUse(l.level) === l.level).map((l) => (
            <li key={l.level}><b>{l.level}</b> <span>{LEVELS[l.level] ?? 'remote models'}</span> {l.ready ? <Badge state="good">ready</Badge> : <><Badge state="off">not available</Badge><small class="quiet">{l.why}</small></>}</li>
          ))}
          {(checks.data?.checks ?? []).map((c) => (
            <li key={c.check}><b>{c.check}</b> <span class="value">{c.detail}</span> <Badge state={c.ok ? 'good' : 'bad'}>{c.ok ? 'fine' : 'wrong'}</Badge></li>
          ))}
        </ul>
      ) : null}
    </Section>
  );
}

interface Price {
  model: string;
  in_microusd: number;
  out_microusd: number;
  in_use: boolean;
}

const PRICE_COLUMNS: Column<Price>[] = [
  { key: 'model', title: 'Model', value: (p) => p.model, main: true },
  { key: 'in', title: 'A million tokens read', value: (p) => p.in_microusd / 1e6, show: (p) => cost_microusd(p.in_microusd), number: true },
  { key: 'out', title: 'A million tokens written', value: (p) => p.out_microusd / 1e6, show: (p) => cost_microusd(p.out_microusd), number: true },
  { key: 'use', title: 'In use', value: (p) => p.in_use, show: (p) => (p.in_use ? <Badge state="good">in use</Badge> : <Badge state="off">not in use</Badge>) },
];

function Prices(): JSX.Element {
  const got = useGet<{ prices: Price[] }>('/api/admin/prices');
  const [open, setOpen] = useState<Price | null>(null);
  return (
    <Section title="Prices of local models" note="What their energy costs, say. It is counted from the next answer on.">
      <Table name="Prices" small columns={PRICE_COLUMNS} rows={got.data?.prices ?? null} error={got.error} again={got.again} id={(p) => p.model} empty="There is no local model."
        actions={(p) => [{ label: 'Change price', icon: icons.edit, run: () => setOpen(p) }]} />
      {open ? <PriceSheet price={open} onClose={() => setOpen(null)} saved={got.again} /> : null}
    </Section>
  );
}

function PriceSheet({ price, onClose, saved }: { price: Price; onClose: () => void; saved: () => void }): JSX.Element {
  const [read, setRead] = useState(String(price.in_microusd / 1e6));
  const [written, setWritten] = useState(String(price.out_microusd / 1e6));
  const micro = (text: string): number => {
    const n = Number(text.replace(',', '.'));
    if (!(n >= 0)) throw new Error('A price is a number of dollars, such as 0.05.');
    return Math.round(n * 1e6);
  };
  const submit = async (): Promise<void> => {
    await send('PUT', '/api/admin/prices', { body: { model: price.model, in_microusd: micro(read), out_microusd: micro(written) } });
    saved();
  };
  return (
    <Sheet title={`Price of ${price.model}`} onClose={onClose} action="Save" submit={submit}>
      <Field name="Dollars for a million tokens read"><input type="text" inputMode="decimal" value={read} onInput={(e) => setRead(e.currentTarget.value)} /></Field>
      <Field name="Dollars for a million tokens written"><input type="text" inputMode="decimal" value={written} onInput={(e) => setWritten(e.currentTarget.value)} /></Field>
    </Sheet>
  );
}

/* --- The prompt ------------------------------------------------------------------------------------------------------ */

interface Prompt {
  version: number;
  text: string;
  bytes_max: number;
}

interface Version {
  version: number;
  text: string;
  note: string;
  by: string;
  at?: string;
}

const versionPage: PageOf<Version> = async ({ after, filter, limit, signal }) => {
  const response = await send('GET', `/api/admin/prompt/versions?limit=${limit}${after ? `&before=${after}` : ''}`, { signal });
  const body = (await response.json()) as { versions: Version[]; next: string | null };
  const wanted = filter.toLowerCase();
  return { rows: body.versions.filter((v) => (v.text + ' ' + v.note).toLowerCase().includes(wanted)), next: body.next };
};

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

function PromptPart(): JSX.Element {
  const now = useGet<Prompt>('/api/admin/prompt');
  return (
    <>
      <Waiting of={now} />
      {now.data ? <Editor key={now.data.version} now={now.data} again={now.again} /> : null}
    </>
  );
}

function Editor({ now, again }: { now: Prompt; again: () => void }): JSX.Element {
  const [text, setText] = useState(now.text);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const people = usePeople();
  const size = byteLength(text);
  const changed = text !== now.text;
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      await send('PUT', '/api/admin/prompt', { body: { text, note, base_version: now.version } });
      notify('Saved. It holds from the next question on.');
      again();
    } catch (e) {
      notify('Not saved: ' + reason(e), 'error');
    } finally {
      setBusy(false);
    }
  };
  const restore = (v: Version): Action[] =>
    v.version === now.version ? [] : [{
      label: 'Restore', icon: icons.retry,
      ask: { title: `Restore version ${v.version}?`, text: v.text, yes: 'Restore' },
      run: async () => {
        await send('POST', '/api/admin/prompt/restore', { body: { version: v.version, base_version: now.version } });
        again();
      },
    }];
  const columns: Column<Version>[] = [
    { key: 'version', title: 'Version', value: (v) => v.version, show: (v) => <>{v.version === 0 ? '0, the program’s own' : v.version}{v.version === now.version ? <> <Badge state="good">in force</Badge></> : null}</>, main: true },
    { key: 'text', title: 'Text', value: (v) => v.text, show: (v) => <span class="clip">{v.text}</span> },
    { key: 'note', title: 'Note', value: (v) => v.note },
    { key: 'by', title: 'By', value: (v) => (v.version === 0 ? '' : nameOf(v.by, people)), show: (v) => (v.version === 0 ? '–' : <Who id={v.by} people={people} />) },
    { key: 'at', title: 'Saved', value: (v) => v.at ?? '', show: (v) => (v.at ? <When at={v.at} /> : '–') },
  ];
  return (
    <>
      <Section title="What the local model is told" note={`Version ${now.version}. Passages and the question follow by themselves.`}>
        <div class="two">
          <div class="card stack">
            <label class="field"><span>Text</span><textarea rows={6} value={text} onInput={(e) => setText(e.currentTarget.value)} aria-describedby="prompt-size" /></label>
            <small id="prompt-size" class={size > now.bytes_max ? 'field-error' : 'quiet'}>{number(size)} of {number(now.bytes_max)} bytes</small>
            <Field name="Note" hint="Why it changed; shown with the version."><input type="text" maxLength={500} value={note} onInput={(e) => setNote(e.currentTarget.value)} /></Field>
            <div class="row-buttons">
              <button type="button" class="primary" disabled={busy || !changed || size > now.bytes_max || size === 0} onClick={() => void save()}>Save</button>
              <button type="button" class="secondary" disabled={!changed} onClick={() => setText(now.text)}>Undo</button>
            </div>
          </div>
          <Preview text={text} />
        </div>
      </Section>
      <Section title="Versions">
        <Table name="Prompt versions" columns={columns} page={versionPage} version={now.version} id={(v) => String(v.version)} empty="There is none." actions={restore} />
      </Section>
    </>
  );
}

interface Tried {
  answer: string;
  answered: boolean;
  receipt: Receipt;
}

function Preview({ text }: { text: string }): JSX.Element {
  const [question, setQuestion] = useState('');
  const [busy, setBusy] = useState(false);
  const [got, setGot] = useState<Tried | null>(null);
  const [error, setError] = useState('');
  const ask = async (e: Event): Promise<void> => {
    e.preventDefault();
    setBusy(true);
    setError('');
    try {
      const response = await send('POST', '/api/admin/prompt/preview', { body: { text, question } });
      setGot((await response.json()) as Tried);
    } catch (failure) {
      setGot(null);
      setError(reason(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="card stack" onSubmit={(e) => void ask(e)} aria-label="Try the text">
      <Field name="Try it with a question" hint="With the text as it stands here, saved or not. Nothing of it is kept."><input type="text" value={question} onInput={(e) => setQuestion(e.currentTarget.value)} /></Field>
      <div class="row-buttons"><button type="submit" class="secondary" disabled={busy || question.trim() === ''}>{busy ? 'Asking …' : 'Ask'}</button></div>
      {error !== '' ? <div class="note bad" role="alert">{error}</div> : null}
      {got ? (
        <div class="tried" role="status">
          <p class="prose-ish">{got.answer}</p>
          <dl class="facts">
            <dt>Level</dt><dd>{got.receipt.level}{got.receipt.level === 'L2' ? '' : ', which does not use the prompt'}</dd>
            <dt>Why</dt><dd>{got.receipt.why_stopped.replaceAll('_', ' ')}</dd>
            <dt>Time</dt><dd>{duration_ms(got.receipt.latency_ms)}</dd>
            <dt>Tokens</dt><dd>{number(got.receipt.tokens_in)} read, {number(got.receipt.tokens_out)} written</dd>
            <dt>Sources</dt><dd>{got.receipt.sources.map((s) => s.title || s.document).join(', ') || 'none'}</dd>
          </dl>
        </div>
      ) : null}
    </form>
  );
}

/* --- Voted down ------------------------------------------------------------------------------------------------------ */

interface Vote {
  id: string;
  question: string;
  answer: string;
  owner: string;
  at: string;
  cache_id?: string;
  receipt?: Receipt;
}

const votePage: PageOf<Vote> = async ({ after, filter, limit, signal }) => {
  const response = await send('GET', `/api/admin/votes?limit=${limit}${after ? `&before=${after}` : ''}`, { signal });
  const body = (await response.json()) as { votes: Vote[]; next: string | null };
  const wanted = filter.toLowerCase();
  return { rows: body.votes.filter((v) => (v.question + ' ' + v.answer).toLowerCase().includes(wanted)), next: body.next };
};

function VotesPart(): JSX.Element {
  const people = usePeople();
  const [turn, setTurn] = useState(0);
  const [open, setOpen] = useState<Vote | null>(null);
  const columns: Column<Vote>[] = [
    { key: 'question', title: 'Question', value: (v) => v.question, show: (v) => <span class="clip">{v.question}</span>, main: true },
    { key: 'answer', title: 'Answer', value: (v) => v.answer, show: (v) => <span class="clip">{v.answer}</span> },
    { key: 'level', title: 'Level', value: (v) => v.receipt?.level ?? '' },
    { key: 'who', title: 'Who', value: (v) => nameOf(v.owner, people), show: (v) => <Who id={v.owner} people={people} /> },
    { key: 'at', title: 'When', value: (v) => v.at, show: (v) => <When at={v.at} /> },
    { key: 'cached', title: 'Still given to others', value: (v) => v.cache_id !== undefined, show: (v) => (v.cache_id ? <Badge state="warn">cached</Badge> : <Badge state="off">no</Badge>) },
  ];
  const actions = (v: Vote): Action[] => [
    { label: 'Show', icon: icons.page, run: () => setOpen(v) },
    ...(v.cache_id ? [{
      label: 'Remove from the cache', icon: icons.trash, danger: true,
      ask: { title: 'Remove this answer from the cache?', text: 'The question is worked out anew when it is asked again.', yes: 'Remove' },
      run: async () => {
        await send('DELETE', `/api/admin/cache/${v.cache_id}`);
        setTurn(turn + 1);
      },
    }] : []),
  ];
  return (
    <Section title="Answers voted down" note="A vote removes the answer for who voted; the bin removes it for others.">
      <Table name="Votes" columns={columns} page={votePage} version={turn} id={(v) => v.id} empty="Nobody voted an answer down." actions={actions} />
      {open ? (
        <Sheet title="An answer voted down" onClose={() => setOpen(null)} wide>
          <dl class="facts">
            <dt>Question</dt><dd>{open.question}</dd>
            <dt>Answer</dt><dd class="prose-ish">{open.answer}</dd>
            <dt>Who</dt><dd><Who id={open.owner} people={people} />, {moment(open.at)}</dd>
            {open.receipt ? <><dt>Level</dt><dd>{open.receipt.level}, {open.receipt.why_stopped?.replaceAll('_', ' ')}</dd></> : null}
            {(open.receipt?.sources ?? []).map((s, i) => <><dt>{i === 0 ? 'Sources' : ''}</dt><dd><b>{s.title || s.document}</b> {s.location}<br /><span class="quiet">{s.quote}</span></dd></>)}
          </dl>
        </Sheet>
      ) : null}
    </Section>
  );
}

/* --- Costs from elsewhere -------------------------------------------------------------------------------------------- */

interface Cost {
  date: string;
  service: string;
  currency: string;
  amount_micro: number;
}

interface Import {
  id: string;
  name: string;
  by: string;
  created_at: string;
  rows: number;
  first_on: string;
  last_on: string;
  newest: boolean;
}

/* More series than colours: the smallest are drawn together. */
const DRAWN = 5;

function CostsPart(): JSX.Element {
  const [range, setRange] = useState<Range>('90d');
  const [busy, setBusy] = useState(false);
  const people = usePeople();
  const costs = useGet<{ costs: Cost[]; next: string | null }>(`/api/admin/costs?range=${range}`);
  const imports = useGet<{ imports: Import[] }>('/api/admin/cost-imports?limit=500');
  const again = (): void => {
    costs.again();
    imports.again();
  };
  const load = async (input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0];
    if (!file) return;
    setBusy(true);
    try {
      const response = await fetch(`/api/admin/costs?name=${encodeURIComponent(file.name.slice(0, 200))}`, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'text/csv' }, body: file });
      const body = await response.text();
      if (!response.ok) throw problemFrom(response.status, body);
      notify(`${plural((JSON.parse(body) as Import).rows, 'amount')} imported`);
      again();
    } catch (e) {
      notify('Not imported: ' + (e instanceof ApiError ? e.message : 'the file could not be sent'), 'error');
    } finally {
      input.value = '';
      setBusy(false);
    }
  };
  const columns: Column<Import>[] = [
    { key: 'name', title: 'File', value: (i) => i.name || 'without a name', main: true },
    { key: 'rows', title: 'Amounts', value: (i) => i.rows, number: true },
    { key: 'from', title: 'From', value: (i) => i.first_on, show: (i) => day(i.first_on) },
    { key: 'to', title: 'To', value: (i) => i.last_on, show: (i) => day(i.last_on) },
    { key: 'by', title: 'By', value: (i) => nameOf(i.by, people), show: (i) => <Who id={i.by} people={people} /> },
    { key: 'at', title: 'Imported', value: (i) => i.created_at, show: (i) => <When at={i.created_at} /> },
  ];
  return (
    <>
      <Section title="Costs from elsewhere" note="CSV with date, service, amount, currency; or as AWS Cost Explorer saves it."
        tools={
          <>
            <Choice name="Span of time" value={range} of={RANGES} onChange={setRange} />
            <label class={'secondary file' + (busy ? ' busy' : '')}>{icons.attach}{busy ? 'Importing …' : 'Import CSV'}<input type="file" class="sr-only" accept=".csv,text/csv" disabled={busy} onChange={(e) => void load(e.currentTarget)} /></label>
          </>
        }>
        <Waiting of={costs} />
        {costs.data ? <CostCharts costs={costs.data.costs} range={range} /> : null}
      </Section>
      <Section title="Imports" note="Of several that hold a row the newest one counts.">
        <Table name="Cost imports" columns={columns} rows={imports.data?.imports ?? null} error={imports.error} again={imports.again} id={(i) => i.id} empty="Nothing was imported."
          actions={(i) => (i.newest ? [{
            label: 'Undo the import', icon: adminIcons.undo, danger: true,
            ask: { title: 'Undo this import?', text: `${plural(i.rows, 'amount')} of ${i.name || 'it'} go; what they replaced comes back.`, yes: 'Undo' },
            run: async () => {
              await send('DELETE', `/api/admin/cost-imports/${i.id}`);
              again();
            },
          }] : [])} />
      </Section>
    </>
  );
}

function CostCharts({ costs, range }: { costs: Cost[]; range: Range }): JSX.Element {
  const currencies = [...new Set(costs.map((c) => c.currency))].sort();
  if (currencies.length === 0) return <div class="empty">No costs of this time were imported.</div>;
  return <>{currencies.map((currency) => <CostChart key={currency} currency={currency} costs={costs.filter((c) => c.currency === currency)} range={range} />)}</>;
}

function CostChart({ currency, costs, range }: { currency: string; costs: Cost[]; range: Range }): JSX.Element {
  const { times, series, total, services } = useMemo(() => {
    const days = daysOf(range);
    const at = new Map(days.map((d, i) => [d, i]));
    const sums = new Map<string, number>();
    for (const c of costs) sums.set(c.service, (sums.get(c.service) ?? 0) + c.amount_micro / 1e6);
    const order = [...sums].sort((a, b) => b[1] - a[1]);
    const drawn = new Map(order.slice(0, order.length > DRAWN + 1 ? DRAWN : DRAWN + 1).map(([name], i) => [name, i]));
    const made: Series[] = [...drawn].map(([name, i]) => ({ name, colour: `--c${i}`, values: days.map(() => 0) }));
    if (order.length > drawn.size) made.push({ name: `${order.length - drawn.size} others`, colour: '--c5', values: days.map(() => 0) });
    for (const c of costs) {
      const values = (made[drawn.get(c.service) ?? made.length - 1] as Series).values;
      const i = at.get(c.date);
      if (i !== undefined) values[i] = (values[i] ?? 0) + c.amount_micro / 1e6;
    }
    return { times: days.map(seconds), series: made, total: order.reduce((s, [, n]) => s + n, 0), services: order };
  }, [costs, range]);
  const money = (n: number): string => new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: Math.abs(n) < 1 ? 4 : 2 }).format(n);
  return (
    <>
      <Figures>
        <Figure name={`All services, ${currency}`} value={money(total)} />
        {services.slice(0, 3).map(([name, n]) => <Figure key={name} name={name} value={money(n)} note={share(n, total)} />)}
      </Figures>
      <Chart title={`${currency} a day by service`} times={times} series={series} bars write={money} height={240} />
    </>
  );
}
