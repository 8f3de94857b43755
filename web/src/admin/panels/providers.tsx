/* Providers: who answers on remote levels, in the order in which they are asked. The owner changes them, administrators look
 * and test. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send } from '../../api.ts';
import { amount, cost_microusd, duration_ms, number } from '../../format.ts';
import { icons } from '../../icons.tsx';
import { announce, notify } from '../../state.ts';
import { isOwner } from '../access.ts';
import { adminIcons } from '../icons.tsx';
import { Badge, Section, useGet, type State } from '../parts.tsx';
import { Table, type Action, type Column } from '../table.tsx';
import { Field, Sheet } from './kit.tsx';

interface Model {
  name: string;
  level: string;
  price_in: number;
  price_out: number;
  context: number;
  output_max: number;
}

interface Provider {
  id: string;
  name: string;
  base_url: string;
  key: string;
  key_problem: string | null;
  rank: number;
  enabled: boolean;
  state: 'closed' | 'open' | 'half-open' | 'off';
  timeout_first_ms: number;
  timeout_ms: number;
  calls_max: number;
  stop_tokens: number | null;
  models: Model[];
}

interface Tested {
  ok: boolean;
  error: string | null;
  http_status: number;
  latency_ms: number;
  cost_microusd: number;
}

const STATES: Record<Provider['state'], [State, string]> = {
  closed: ['good', 'asked'],
  open: ['bad', 'left alone after failures'],
  'half-open': ['warn', 'being tried again'],
  off: ['off', 'off'],
};

function prices(m: Model): string {
  return `${amount('money', m.price_in)} / ${amount('money', m.price_out)}`;
}

export function Providers(): JSX.Element {
  const got = useGet<{ providers: Provider[] }>('/api/admin/providers', 5_000);
  const [edited, setEdited] = useState<Provider | 'new' | null>(null);
  const [tested, setTested] = useState<Record<string, Tested>>({});
  const owner = isOwner();
  const rows = got.data?.providers ?? null;
  const change = async (p: Provider, body: Partial<Provider>): Promise<void> => {
    await send('PATCH', `/api/admin/providers/${p.id}`, { body });
    got.again();
  };
  const test = async (p: Provider): Promise<void> => {
    const response = await send('POST', `/api/admin/providers/${p.id}/test`, { body: {} });
    const result = (await response.json()) as Tested;
    setTested((t) => ({ ...t, [p.id]: result }));
    announce(result.ok ? `${p.name} answers.` : `${p.name} does not answer.`);
    got.again();
  };
  /* Ranks may be equal or have gaps: all that stand wrong after the move are numbered anew. */
  const move = async (p: Provider, by: 1 | -1): Promise<void> => {
    const order = [...(rows ?? [])];
    const at = order.findIndex((o) => o.id === p.id);
    order.splice(at, 1);
    order.splice(at + by, 0, p);
    for (const [rank, o] of order.entries()) {
      if (o.rank !== rank) await send('PATCH', `/api/admin/providers/${o.id}`, { body: { rank } });
    }
    got.again();
  };
  const columns: Column<Provider>[] = [
    { key: 'name', title: 'Provider', value: (p) => p.name, show: (p) => <><b>{p.name}</b><span class="under quiet">{p.base_url}</span></>, main: true },
    { key: 'state', title: 'State', value: (p) => STATES[p.state][1], show: (p) => <div><Badge state={STATES[p.state][0]}>{STATES[p.state][1]}</Badge>{p.key_problem ? <span class="under field-error">{p.key_problem}</span> : null}</div> },
    { key: 'key', title: 'Key', value: (p) => p.key, show: (p) => (p.key ? <code>{p.key}</code> : 'none') },
    { key: 'models', title: 'Models', value: (p) => p.models.map((m) => `${m.name} (${prices(m)})`).join(', '), show: (p) => <div>{p.models.map((m) => <span key={m.name} class="model-line"><b>{m.name}</b> {m.level} · {prices(m)}</span>)}</div> },
    { key: 'test', title: 'Test', value: (p) => (tested[p.id] ? (tested[p.id]?.ok ? 'answers' : (tested[p.id]?.error ?? '')) : ''), show: (p) => <Test of={tested[p.id]} /> },
  ];
  const actions = (p: Provider): Action[] => {
    const at = rows?.findIndex((o) => o.id === p.id) ?? 0;
    const all: Action[] = [{ label: 'Test', icon: adminIcons.test, run: () => test(p) }];
    if (!owner) return all;
    if (at > 0) all.push({ label: 'Ask earlier', icon: adminIcons.earlier, run: () => move(p, -1) });
    if (at < (rows?.length ?? 0) - 1) all.push({ label: 'Ask later', icon: adminIcons.later, run: () => move(p, 1) });
    all.push(
      { label: p.enabled ? 'Turn off' : 'Turn on', run: () => change(p, { enabled: !p.enabled }) },
      { label: 'Change', icon: icons.edit, run: () => setEdited(p) },
      {
        label: 'Remove', icon: icons.trash, danger: true,
        ask: { title: `Remove ${p.name}?`, text: 'It is asked no more. What it answered and cost stays counted.', yes: 'Remove' },
        run: async () => {
          await send('DELETE', `/api/admin/providers/${p.id}`);
          got.again();
        },
      },
    );
    return all;
  };
  return (
    <Section title="Providers" note="Asked in this order for what no lower level answers. US dollars per million tokens, read / written."
      tools={owner ? <button type="button" class="secondary" onClick={() => setEdited('new')}>{icons.plus}Add a provider</button> : null}>
      <Table name="Providers" small columns={columns} rows={rows} error={got.error} again={got.again} id={(p) => p.id} empty={owner ? 'No provider is configured: answers stay on this machine.' : 'No provider is configured. The owner can add one.'} actions={actions} />
      {edited ? <ProviderSheet provider={edited === 'new' ? null : edited} onClose={() => setEdited(null)} saved={got.again} /> : null}
    </Section>
  );
}

function Test({ of }: { of: Tested | undefined }): JSX.Element {
  if (!of) return <span class="quiet">not tested</span>;
  if (!of.ok) return <div><Badge state="bad">fails</Badge><span class="under field-error">{of.error ?? `HTTP ${of.http_status}`}</span></div>;
  return <div><Badge state="good">answers</Badge><span class="under quiet">{duration_ms(of.latency_ms)}, {cost_microusd(of.cost_microusd)}</span></div>;
}

interface ModelText {
  name: string;
  price_in: string;
  price_out: string;
  context: string;
  output_max: string;
}

const EMPTY: ModelText = { name: '', price_in: '', price_out: '', context: '', output_max: '' };

function textOf(m: Model): ModelText {
  return { name: m.name, price_in: String(m.price_in / 1e6), price_out: String(m.price_out / 1e6), context: m.context ? String(m.context) : '', output_max: String(m.output_max) };
}

function price(text: string, model: string): number {
  const n = Number(text.trim().replace(',', '.'));
  if (text.trim() === '' || !(n >= 0)) throw new Error(`The prices of ${model || 'each model'} are dollars for a million tokens, such as 0.15; 0 where it is free.`);
  return Math.round(n * 1e6);
}

function ProviderSheet({ provider, onClose, saved }: { provider: Provider | null; onClose: () => void; saved: () => void }): JSX.Element {
  const [name, setName] = useState(provider?.name ?? '');
  const [url, setUrl] = useState(provider?.base_url ?? '');
  const [key, setKey] = useState(provider?.key ?? '');
  const [first, setFirst] = useState(String(provider?.timeout_first_ms ?? 15_000));
  const [whole, setWhole] = useState(String(provider?.timeout_ms ?? 120_000));
  const [calls, setCalls] = useState(String(provider?.calls_max ?? 64));
  const [stop, setStop] = useState(String(provider?.stop_tokens ?? ''));
  const [models, setModels] = useState<ModelText[]>(provider ? provider.models.map(textOf) : [EMPTY]);
  const edit = (i: number, fields: Partial<ModelText>): void => setModels(models.map((m, j) => (j === i ? { ...m, ...fields } : m)));
  const submit = async (): Promise<void> => {
    const body = {
      name: name.trim(), base_url: url.trim(), key: key.trim(),
      timeout_first_ms: Number(first), timeout_ms: Number(whole), calls_max: Number(calls),
      stop_tokens: stop.trim() ? Number(stop) : null,
      models: models.map((m) => ({
        name: m.name.trim(), price_in: price(m.price_in, m.name), price_out: price(m.price_out, m.name),
        ...(m.context.trim() ? { context: Number(m.context) } : {}), ...(m.output_max.trim() ? { output_max: Number(m.output_max) } : {}),
      })),
    };
    await send(provider ? 'PATCH' : 'POST', '/api/admin/providers' + (provider ? `/${provider.id}` : ''), { body });
    saved();
    if (!provider) notify(`${name.trim()} is added. Test whether it answers.`);
  };
  return (
    <Sheet title={provider ? `Change ${provider.name}` : 'Add a provider'} onClose={onClose} action={provider ? 'Save' : 'Add'} submit={submit} wide>
      <div class="pair">
        <Field name="Name"><input type="text" value={name} maxLength={63} required onInput={(e) => setName(e.currentTarget.value)} /></Field>
        <Field name="Address of its OpenAI API" hint="Usually ends in /v1."><input type="url" value={url} required placeholder="https://api.example.com/v1" onInput={(e) => setUrl(e.currentTarget.value)} /></Field>
      </div>
      <Field name="Where the key is" hint="env:NAME, a variable of the server, or file:/path, which only its owner may read. Never the key itself. Empty: it wants none.">
        <input type="text" value={key} spellcheck={false} placeholder="env:CLOUD_KEY" onInput={(e) => setKey(e.currentTarget.value)} />
      </Field>
      {models.map((m, i) => (
        <fieldset key={i} class="model">
          <legend>Model {number(i + 1)}</legend>
          <Field name="Model"><input type="text" value={m.name} required onInput={(e) => edit(i, { name: e.currentTarget.value })} /></Field>
          <Field name="Dollars for a million read"><input type="text" inputMode="decimal" value={m.price_in} onInput={(e) => edit(i, { price_in: e.currentTarget.value })} /></Field>
          <Field name="Dollars for a million written"><input type="text" inputMode="decimal" value={m.price_out} onInput={(e) => edit(i, { price_out: e.currentTarget.value })} /></Field>
          <Field name="Context in tokens"><input type="text" inputMode="numeric" value={m.context} placeholder="unknown" onInput={(e) => edit(i, { context: e.currentTarget.value })} /></Field>
          <Field name="Longest answer"><input type="text" inputMode="numeric" value={m.output_max} placeholder="as usual" onInput={(e) => edit(i, { output_max: e.currentTarget.value })} /></Field>
          {models.length > 1 ? <button type="button" class="link danger" onClick={() => setModels(models.filter((_m, j) => j !== i))}>Leave out</button> : null}
        </fieldset>
      ))}
      {models.length < 8 ? <button type="button" class="link" onClick={() => setModels([...models, EMPTY])}>Another model</button> : null}
      <details>
        <summary>How long it is waited for</summary>
        <div class="three">
          <Field name="First word, ms"><input type="text" inputMode="numeric" value={first} onInput={(e) => setFirst(e.currentTarget.value)} /></Field>
          <Field name="Whole answer, ms"><input type="text" inputMode="numeric" value={whole} onInput={(e) => setWhole(e.currentTarget.value)} /></Field>
          <Field name="Calls at once"><input type="text" inputMode="numeric" value={calls} onInput={(e) => setCalls(e.currentTarget.value)} /></Field>
        </div>
        <Field name="Tokens billed beyond a stop" hint="Of a provider that ends an answer when nobody takes it any more: how many tokens it may bill beyond what came. Empty: it may bill the whole answer.">
          <input type="text" inputMode="numeric" value={stop} placeholder="the whole answer" onInput={(e) => setStop(e.currentTarget.value)} />
        </Field>
      </details>
    </Sheet>
  );
}
