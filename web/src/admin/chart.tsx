/* One chart over time, drawn by uPlot, which is fetched when the first chart is shown.
 *
 * Colours are names of tokens of the style sheet, so that the theme decides; series are told apart by their legend, which
 * shows the values under the pointer. Whoever does not see the drawing has the same numbers as a table. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type uPlot from 'uplot';
import { isDark } from '../look.ts';

export interface Series {
  name: string;
  /* A custom property, as "--c1". */
  colour: string;
  /* As many as there are times; null: nothing is known of that moment. */
  values: (number | null)[];
}

interface Props {
  title: string;
  /* Seconds since 1970, rising. */
  times: number[];
  series: Series[];
  /* Counts of a span of time each: bars that stand upon each other. */
  bars?: boolean;
  /* What is said where there is nothing to draw. */
  empty?: string;
  /* How a value is written, with its unit. */
  write: (value: number) => string;
  height?: number;
}

type Plot = typeof uPlot;
let library: Promise<Plot> | null = null;

function loadLibrary(): Promise<Plot> {
  library ??= import('uplot').then(
    (m) => m.default,
    (e: unknown) => {
      library = null;
      throw e;
    },
  );
  return library;
}

/* One chart at a time, with room for what the reader does between two. */
let turn: Promise<void> = Promise.resolve();

function inTurn(): Promise<void> {
  turn = turn.then(() => new Promise((resolve) => setTimeout(resolve, 0)));
  return turn;
}

/* Custom properties hold pairs for light and dark; an element says which holds. */
function resolve(host: HTMLElement, property: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${property})`;
  host.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/* Sums from below, so that each series is drawn at its top. */
function stack(series: Series[], hidden: Set<string>): (number | null)[][] {
  const sums: number[] = [];
  return series.map((s) =>
    s.values.map((v, i) => {
      if (hidden.has(s.name)) return null;
      sums[i] = (sums[i] ?? 0) + (v ?? 0);
      return sums[i];
    }),
  );
}

const two = (n: number): string => String(n).padStart(2, '0');

/* The step between marks says how much of the moment is worth writing. */
function timeMark(s: number, step_s: number): string {
  const d = new Date(s * 1000);
  if (step_s >= 86_400 || (d.getHours() === 0 && d.getMinutes() === 0)) return d.toLocaleDateString('en', { day: 'numeric', month: 'short' });
  return `${two(d.getHours())}:${two(d.getMinutes())}${step_s < 60 ? ':' + two(d.getSeconds()) : ''}`;
}

export function timeText(s: number): string {
  return new Date(s * 1000).toLocaleString('en', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/* What is so small that its marks are written alike has one of them. */
const onceEach = (words: string[]): string[] => words.map((w, i) => (w === words[i - 1] ? '' : w));

/* Values without a neighbour, which no line would show. */
function lonely(u: uPlot, series: number): number[] {
  const values = u.data[series] ?? [];
  const none = (i: number): boolean => values[i] === null || values[i] === undefined;
  return Array.from(values, (_v, i) => i).filter((i) => !none(i) && none(i - 1) && none(i + 1));
}

function options(Library: Plot, host: HTMLElement, props: Props, hidden: Set<string>, onPoint: (at: number | null) => void): uPlot.Options {
  const font = `11px ${getComputedStyle(host).fontFamily}`;
  const quiet = resolve(host, '--quiet');
  const grid = { stroke: resolve(host, '--line'), width: 1 };
  const axis = { stroke: quiet, font, grid, ticks: { show: false } };
  const order = props.bars ? [...props.series].reverse() : props.series;
  const paths = props.bars ? Library.paths.bars?.({ size: [0.8, 40, 2], align: 1 }) : undefined;
  return {
    width: host.clientWidth,
    height: props.height ?? 190,
    legend: { show: false },
    padding: [10, 10, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    /* A bar begins at its time, so the last one needs room. */
    scales: { x: { range: (u, min, max) => [min, props.bars ? max + ((u.data[0][1] ?? 0) - (u.data[0][0] ?? 0)) : max] }, y: { range: (_u, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
    axes: [
      { ...axis, size: 30, space: 64, values: (_u, marks, _a, _s, step) => marks.map((t) => timeMark(t, step)) },
      { ...axis, size: 62, space: 36, values: (_u, marks) => onceEach(marks.map(props.write)) },
    ],
    series: [
      {},
      ...order.map((s): uPlot.Series => {
        const colour = resolve(host, s.colour);
        return {
          label: s.name,
          show: !hidden.has(s.name),
          stroke: colour,
          width: props.bars ? 0 : 1.75,
          points: props.bars ? { show: false } : { show: true, size: 5, fill: colour, filter: lonely },
          ...(paths ? { fill: colour, paths } : {}),
        };
      }),
    ],
    hooks: { setCursor: [(u) => onPoint(u.cursor.idx ?? null)] },
  };
}

function data(props: Props, hidden: Set<string>): uPlot.AlignedData {
  const lines = props.bars ? stack(props.series, hidden).reverse() : props.series.map((s) => s.values);
  return [props.times, ...lines] as uPlot.AlignedData;
}

export function Chart(props: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [Library, setLibrary] = useState<{ plot: Plot } | null>(null);
  const [failed, setFailed] = useState(false);
  const [hidden, setHidden] = useState<Set<string>>(new Set());
  const [at, setAt] = useState<number | null>(null);
  const dark = isDark.value;
  const empty = props.series.every((s) => s.values.every((v) => v === null || v === 0));
  /* Another shape needs another plot, other numbers do not. */
  const shape = JSON.stringify([props.series.map((s) => [s.name, s.colour]), props.bars, props.height, [...hidden], dark]);
  useEffect(() => {
    loadLibrary().then((p) => inTurn().then(() => setLibrary({ plot: p })), () => setFailed(true));
  }, []);
  useLayoutEffect(() => {
    const box = host.current;
    if (!Library || !box) return undefined;
    const made = new Library.plot(options(Library.plot, box, props, hidden, setAt), data(props, hidden), box);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: props.height ?? 190 }));
    observer.observe(box);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [Library, shape]);
  useLayoutEffect(() => {
    plot.current?.setData(data(props, hidden));
  }, [props.times, props.series]);
  const toggle = (name: string): void => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{props.title}</span>
        <span class="chart-at">{at !== null && props.times[at] !== undefined ? timeText(props.times[at]) : ''}</span>
      </figcaption>
      <div class="chart-box">
        <div ref={host} class="plot" aria-hidden="true" />
        {failed ? <p class="chart-note">The drawing could not be loaded; the table below has the numbers.</p> : empty ? <p class="chart-note">{props.empty ?? 'Nothing happened in this time.'}</p> : null}
      </div>
      <ul class="legend" aria-label={`Series of ${props.title}`}>
        {props.series.map((s) => (
          <li key={s.name}>
            <button type="button" aria-pressed={!hidden.has(s.name)} onClick={() => toggle(s.name)}>
              <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><rect class="legend-mark" width="10" height="10" rx="3" style={{ fill: `var(${s.colour})` }} /></svg>
              {s.name}
              {at !== null && typeof s.values[at] === 'number' ? <b>{props.write(s.values[at])}</b> : null}
            </button>
          </li>
        ))}
      </ul>
      <Numbers {...props} />
    </figure>
  );
}

/* The same numbers, newest first, without the moments in which nothing was. */
function Numbers({ title, times, series, write }: Props): JSX.Element {
  const [open, setOpen] = useState(false);
  const rows = useMemo(
    () => (open ? times.map((t, i) => ({ t, values: series.map((s) => s.values[i] ?? null) })).filter((r) => r.values.some((v) => v !== null && v !== 0)).reverse() : []),
    [open, times, series],
  );
  return (
    <details class="numbers" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>As a table<span class="sr-only">: {title}</span></summary>
      {open ? (
        <div class="table-box" tabIndex={0} role="group" aria-label={`${title}, numbers`}>
          <table>
            <caption class="sr-only">{title}</caption>
            <thead><tr><th scope="col">Time</th>{series.map((s) => <th key={s.name} scope="col" class="number">{s.name}</th>)}</tr></thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.t}><th scope="row">{timeText(r.t)}</th>{r.values.map((v, i) => <td key={i} class="number">{v === null ? '–' : write(v)}</td>)}</tr>
              ))}
            </tbody>
          </table>
          {rows.length === 0 ? <p class="quiet pad">Nothing happened in this time.</p> : null}
        </div>
      ) : null}
    </details>
  );
}
