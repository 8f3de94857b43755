/* The parts of a node as a drawing: rooms, the parts in them, and which room asks which. Nothing in it is fixed but the
 * order of the rooms: what stands in them is what the server says runs. */

import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { State } from './parts.tsx';

export interface Part {
  id: string;
  room: string;
  name: string;
  state: State;
  says: string;
  facts: Record<string, unknown>;
}

/* Rooms by column, left to right: who is on the left asks who is on the right. */
const COLUMNS: [string, string][][] = [
  [['gate', 'SkyGate'], ['bus', 'SkyBus']],
  [['ai', 'SKY AI']],
  [['core', 'Store'], ['genom', 'GENOM']],
];

const BOX_H = 46;
const GAP = 8;
const HEAD = 30;
const PAD = 12;
const BETWEEN = 34;

interface Placed {
  room: string;
  title: string;
  column: number;
  x: number;
  y: number;
  w: number;
  h: number;
  parts: Part[];
}

/* Wide: a column each; narrow: one below the other. */
function place(parts: Part[], width: number, wide: boolean): { rooms: Placed[]; height: number } {
  const rooms: Placed[] = [];
  const w = wide ? (width - 2 * BETWEEN) / 3 : width;
  let below = 0;
  let height = 0;
  COLUMNS.forEach((column, c) => {
    let y = wide ? 0 : below;
    for (const [room, title] of column) {
      const own = parts.filter((p) => p.room === room);
      if (own.length === 0) continue;
      const h = HEAD + own.length * (BOX_H + GAP) - GAP + PAD;
      rooms.push({ room, title, column: c, x: wide ? c * (w + BETWEEN) : 0, y, w, h, parts: own });
      y += h + BETWEEN / 2;
    }
    below = y;
    height = Math.max(height, y);
  });
  return { rooms, height: Math.max(1, height - BETWEEN / 2) };
}

function cut(text: string, chars: number): string {
  return text.length > chars ? text.slice(0, Math.max(1, chars - 1)) + '…' : text;
}

const wideScreen = matchMedia('(min-width: 800px)');

export function Diagram({ name, parts, chosen, onChoose }: { name: string; parts: Part[]; chosen: string | null; onChoose: (id: string) => void }): JSX.Element {
  const [wide, setWide] = useState(wideScreen.matches);
  useEffect(() => {
    const change = (): void => setWide(wideScreen.matches);
    wideScreen.addEventListener('change', change);
    return () => wideScreen.removeEventListener('change', change);
  }, []);
  const width = wide ? 780 : 330;
  const { rooms, height } = place(parts, width, wide);
  return (
    <svg class="diagram" viewBox={`0 0 ${width} ${height}`} role="group" aria-label={`The parts of ${name}`}>
      {wide ? <Ways rooms={rooms} /> : null}
      {rooms.map((r) => (
        <g key={r.room}>
          <rect class="room" x={r.x + 0.5} y={r.y + 0.5} width={r.w - 1} height={r.h - 1} rx="12" />
          <text class="room-title" x={r.x + PAD} y={r.y + 20}>{r.title}</text>
          {r.parts.map((p, i) => (
            <Box key={p.id} part={p} x={r.x + PAD} y={r.y + HEAD + i * (BOX_H + GAP)} w={r.w - 2 * PAD} chosen={p.id === chosen} onChoose={onChoose} />
          ))}
        </g>
      ))}
    </svg>
  );
}

/* Who asks whom. */
const WAYS = [['gate', 'ai'], ['ai', 'core'], ['gate', 'bus']] as const;

function Ways({ rooms }: { rooms: Placed[] }): JSX.Element {
  return (
    <g aria-hidden="true">
      {WAYS.map(([a, b]) => {
        const from = rooms.find((r) => r.room === a);
        const to = rooms.find((r) => r.room === b);
        if (!from || !to) return null;
        const d = from.column === to.column ? `M${from.x + from.w / 2} ${from.y + from.h}V${to.y}` : `M${from.x + from.w} ${HEAD + BOX_H / 2}H${to.x}`;
        return <path key={b} class="way" d={d} />;
      })}
    </g>
  );
}

/* The mark has another shape for each state, so that it is told without its colour. */
function Mark({ state, x, y }: { state: State; x: number; y: number }): JSX.Element {
  if (state === 'warn') return <path class="mark-state" d={`M${x} ${y - 6}l6 6-6 6-6-6z`} />;
  if (state === 'bad') return <rect class="mark-state" x={x - 5} y={y - 5} width="10" height="10" rx="2" />;
  return <circle class={state === 'off' ? 'mark-state hollow' : 'mark-state'} cx={x} cy={y} r={state === 'off' ? 4.2 : 5.2} />;
}

function Box({ part, x, y, w, chosen, onChoose }: { part: Part; x: number; y: number; w: number; chosen: boolean; onChoose: (id: string) => void }): JSX.Element {
  const chars = Math.floor((w - 34) / 5.9);
  const choose = (): void => onChoose(part.id);
  return (
    <g
      class={`part ${part.state}${chosen ? ' chosen' : ''}`}
      role="button"
      tabindex={0}
      aria-pressed={chosen}
      onClick={choose}
      onKeyDown={(e) => {
        if (e.key !== 'Enter' && e.key !== ' ') return;
        e.preventDefault();
        choose();
      }}
    >
      <rect class="part-box" x={x + 0.5} y={y + 0.5} width={w - 1} height={BOX_H - 1} rx="8" />
      <Mark state={part.state} x={x + 15} y={y + 17} />
      <text class="part-name" x={x + 28} y={y + 21}>{cut(part.name, chars)}</text>
      <text class="part-says" x={x + 28} y={y + 37}>{cut(part.says, chars)}</text>
    </g>
  );
}
