/* What happens: traffic, how long answers take, what went wrong. */

import type { JSX } from 'preact';
import { bytes, number } from '../format.ts';
import { live } from './live.ts';
import { Figure, Figures, Panel } from './parts.tsx';

const rate = (n: number): string => (n < 10 ? n.toFixed(1) : number(Math.round(n)));

function Now(): JSX.Element | null {
  const now = live.value;
  if (!now) return null;
  return (
    <Figures>
      <Figure name="Requests a second" value={rate(now.http.requests_s)} note={`${number(now.http.in_flight)} in flight`} />
      <Figure name="Connections" value={number(now.http.connections)} />
      <Figure name="Processor" value={`${now.process.cpu_percent.toFixed(0)} %`} note="of one core" />
      <Figure name="Memory" value={bytes(now.process.memory_bytes)} />
    </Figures>
  );
}

export function Overview(): JSX.Element {
  return <Panel title="Overview"><Now /></Panel>;
}
