/* The node as it runs: its figures, its parts as a drawing, and the nodes known. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { bytes, left_s, moment, number } from '../format.ts';
import { Diagram, type Part } from './diagram.tsx';
import { live } from './live.ts';
import { Badge, Figure, Figures, Panel, Section, useGet, Waiting } from './parts.tsx';
import { Table, type Column } from './table.tsx';

interface System {
  node: {
    id: string;
    class: string;
    role: string;
    state: string;
    version: string;
    host: string;
    cores: number;
    machine_memory_bytes: number;
    started_at: string;
    uptime_s: number;
    cpu_s: number;
    memory_bytes: number;
  };
  parts: Part[];
}

interface NodeRow {
  id: string;
  nod: number;
  class: string;
  role: string;
  state: string;
  host: string;
  cores: number;
  memory_bytes: number;
  started_at: string;
  uptime_s: number;
  version: string;
}

const REFRESH_MS = 5_000;
const NODES_MS = 15_000;

function span(s: number): string {
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 172_800) return left_s(s);
  return `${Math.round(s / 86_400)} days`;
}

export function Nodes(): JSX.Element {
  const system = useGet<System>('/api/admin/system', REFRESH_MS);
  const nodes = useGet<{ nodes: NodeRow[] }>('/api/nodes', NODES_MS);
  const [chosen, choose] = useState<string | null>(null);
  const now = system.data;
  const part = now?.parts.find((p) => p.id === chosen) ?? null;
  return (
    <Panel title="Nodes" note={now ? `${now.node.id}, ${now.node.role}, on ${now.node.host}` : undefined}>
      <Waiting of={system} rows={6} />
      {now ? (
        <>
          <Own system={now} />
          <Section title="What it is made of" note="Choose a part to see more of it.">
            <div class="made">
              <Diagram name={now.node.id} parts={now.parts} chosen={chosen} onChoose={choose} />
              <Details part={part} />
            </div>
          </Section>
        </>
      ) : null}
      <Section title="Nodes known">
        <Table name="Nodes" columns={COLUMNS} rows={nodes.data?.nodes ?? null} error={nodes.error} again={nodes.again} id={(n) => n.id} empty="No node is known." small />
      </Section>
    </Panel>
  );
}

const COLUMNS: Column<NodeRow>[] = [
  { key: 'id', title: 'Node', value: (n) => n.id, main: true },
  { key: 'state', title: 'State', value: (n) => n.state, show: (n) => <Badge state={n.state === 'online' ? 'good' : 'bad'}>{n.state}</Badge> },
  { key: 'role', title: 'Role', value: (n) => n.role },
  { key: 'class', title: 'Class', value: (n) => n.class, minor: true },
  { key: 'host', title: 'Machine', value: (n) => n.host },
  { key: 'version', title: 'Version', value: (n) => n.version },
  { key: 'cores', title: 'Cores', value: (n) => n.cores, number: true, minor: true },
  { key: 'memory', title: 'Memory', value: (n) => n.memory_bytes, show: (n) => bytes(n.memory_bytes), number: true },
  { key: 'uptime', title: 'Up for', value: (n) => n.uptime_s, show: (n) => span(n.uptime_s), number: true },
];

function Own({ system }: { system: System }): JSX.Element {
  const { node, parts } = system;
  const bad = parts.filter((p) => p.state === 'bad').length;
  const warn = parts.filter((p) => p.state === 'warn').length;
  const store = parts.find((p) => p.id === 'store');
  const free = Number(store?.facts['disk_free_bytes'] ?? -1);
  const total = Number(store?.facts['disk_total_bytes'] ?? -1);
  return (
    <Figures>
      <Figure
        name="Health"
        value={bad > 0 ? 'trouble' : warn > 0 ? 'look' : 'well'}
        note={bad > 0 ? `${bad} of ${parts.length} parts do not work` : warn > 0 ? `${warn} of ${parts.length} parts want a look` : `all ${parts.length} parts`}
        state={bad > 0 ? 'bad' : warn > 0 ? 'warn' : 'good'}
      />
      <Figure name="Version" value={node.version} />
      <Figure name="Up for" value={span(node.uptime_s)} note={`since ${moment(node.started_at)}`} />
      <Figure name="Processor time" value={span(node.cpu_s)} note={`of ${number(node.cores)} cores`} />
      <Figure name="Memory" value={bytes(live.value?.process.memory_bytes ?? node.memory_bytes)} note={`of ${bytes(node.machine_memory_bytes)}`} />
      <Figure name="Store" value={bytes(Number(store?.facts['size_bytes'] ?? -1) + Math.max(0, Number(store?.facts['log_bytes'])))} note={store ? `${String(store.facts['engine'])}, ${store.says}` : undefined} />
      <Figure name="Disk free" value={bytes(free)} note={total > 0 ? `of ${bytes(total)}` : undefined} />
    </Figures>
  );
}

/* "disk_free_bytes" → "disk free", and its value with its unit. */
function fact(key: string, value: unknown): [string, string] {
  const name = key.replace(/_(bytes|s|days)$/, '').replaceAll('_', ' ');
  if (value === null || value === undefined) return [name, '–'];
  if (typeof value === 'boolean') return [name, value ? 'yes' : 'no'];
  if (typeof value !== 'number') return [name, String(value)];
  if (key.endsWith('_bytes')) return [name, bytes(value)];
  if (key.endsWith('_days')) return [name, `${number(value)} days`];
  if (key === 'passages_s') return ['passages a second', value.toFixed(1)];
  if (key.endsWith('_s')) return [name, span(value)];
  return [name, number(value)];
}

const STATE_WORDS = { good: 'works', warn: 'wants a look', bad: 'does not work', off: 'rests or is not there' } as const;

function Details({ part }: { part: Part | null }): JSX.Element {
  return (
    <div class="card part-details" role="status">
      {part ? (
        <>
          <h3>{part.name}</h3>
          <p><Badge state={part.state}>{STATE_WORDS[part.state]}</Badge></p>
          <p class="quiet">{part.says}</p>
          <dl class="facts">
            {Object.entries(part.facts).map(([key, value]) => {
              const [name, text] = fact(key, value);
              return <div key={key}><dt>{name}</dt><dd>{text}</dd></div>;
            })}
          </dl>
        </>
      ) : <p class="quiet">Choose a part of the drawing: what it is, how it is and how large stands here then.</p>}
    </div>
  );
}
