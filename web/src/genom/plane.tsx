/* The plane: the ring of sectors, the tokens of the text as points, and the way between them. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Centroid, Sector } from '../genom.ts';
import { icons } from '../icons.tsx';
import { angles, arcPath, colour, EXTENT, linePath, moved, place, polar, RING_OUTER, viewBox, WHOLE, zoomed, type Point, type View } from './geometry.ts';
import { boxOf, nameBesidePoints, nameBesideRing, overlap } from './labels.ts';
import type { ShownPiece } from './messages.ts';
import { analysis, dictionary, looked } from './state.ts';

const STEP = 1.6;
/* Arcs narrower than this have no name beside them, but where the text goes. */
const NAMED_WIDTH = 0.05;

/* The radius of a point. */
const DOT = 0.02;
/* From the middle of a line's height to its baseline, and the air between two names; in sizes of the font. */
const BASELINE = 0.35;
const AIR = 0.2;

let canvas: CanvasRenderingContext2D | null = null;

/* How much of its line a name takes, in sizes of the font. */
function widthOf(name: string): number {
  if (!canvas) {
    canvas = document.createElement('canvas').getContext('2d');
    if (canvas) canvas.font = `100px ${getComputedStyle(document.documentElement).getPropertyValue('--sans')}`;
  }
  return (canvas?.measureText(name).width ?? 0) / 100 + AIR;
}

function Ring({ sectors, used, scale }: { sectors: Sector[]; used: Set<string>; scale: number }): JSX.Element {
  const size = 0.042 / Math.sqrt(scale);
  const wide = (sector: Sector): number => angles(sector)[1] - angles(sector)[0];
  const named = sectors.filter((s) => used.has(s.name) || wide(s) * scale > NAMED_WIDTH * 2);
  const places = nameBesideRing(named.map((sector) => {
    const [from, to] = angles(sector);
    const { x, y } = polar((from + to) / 2, RING_OUTER + 0.02);
    const width = widthOf(sector.name) * size;
    const aside = (Math.abs(x) > 0.1 ? Math.sign(x) : 0) * (width - AIR * size) / 2;
    return { at: { x: x + aside, y: y + BASELINE * size }, width, used: used.has(sector.name), weight: to - from };
  }), size);
  return (
    <g>
      {sectors.map((sector) => {
        const at = places[named.indexOf(sector)];
        return (
          <g key={sector.name} class={used.has(sector.name) ? 'arc used' : 'arc'}>
            <path d={arcPath(sector)} fill={colour(sectors, sector.name)}><title>{sector.name}</title></path>
            {at ? <text x={at.x} y={at.y} font-size={size} text-anchor="middle">{sector.name}</text> : null}
          </g>
        );
      })}
    </g>
  );
}

export function describe(piece: ShownPiece): string {
  return piece.id === null ? `${piece.text}: spelled, no token` : `${piece.text}: ${piece.sector}, quadrant ${piece.quadrant}`;
}

/* The rarer a token, the more its name says. The one that is looked at has its name whatever it lies on: that is not shown. */
function Points({ pieces, sectors, scale }: { pieces: ShownPiece[]; sectors: Sector[]; scale: number }): JSX.Element {
  const size = 0.05 / scale;
  const dot = DOT / scale;
  const shown = useMemo(() => {
    const drawn = pieces.map((piece, i) => ({ piece, i, point: place(piece.theta, piece.r), width: widthOf(piece.text) * size })).filter(({ piece }) => piece.id !== null);
    const places = nameBesidePoints(drawn.map(({ piece, point, width }) => ({ point, text: piece.text, width, weight: piece.r })), dot, size);
    return drawn.map((d, n) => ({ ...d, at: places[n] ?? null }));
  }, [pieces, scale]);
  const looks = shown.find(({ i, at }) => i === looked.value && !at);
  const above = looks ? { x: looks.point.x, y: looks.point.y - 1.75 * dot } : null;
  const over = looks && above ? boxOf(above, looks.width, size) : null;
  return (
    <g>
      {shown.map(({ piece, i, point, width, at }) => {
        const chosen = looked.value === i;
        const name = chosen ? (at ?? above) : at && over && overlap(boxOf(at, width, size), over) ? null : at;
        return (
          <g key={i} class={chosen ? 'point chosen' : 'point'} onPointerEnter={() => void (looked.value = i)} onClick={() => void (looked.value = i)}>
            <circle cx={point.x} cy={point.y} r={chosen ? 1.6 * dot : dot} fill={colour(sectors, piece.sector)} />
            {name ? <text x={name.x} y={name.y} font-size={size} text-anchor="middle">{piece.text}</text> : null}
          </g>
        );
      })}
    </g>
  );
}

/* Where the text as a whole stands. */
function Middle({ centroid, scale }: { centroid: Centroid; scale: number }): JSX.Element {
  const { x, y } = place(centroid.theta, centroid.r);
  const arm = 0.03 / scale;
  return (
    <g class="middle">
      <path d={`M${x - arm} ${y}h${2 * arm}M${x} ${y - arm}v${2 * arm}`} />
      <circle cx={x} cy={y} r={arm / 2}><title>the text as a whole</title></circle>
    </g>
  );
}

export function Plane(): JSX.Element {
  const [view, setView] = useState<View>(WHOLE);
  const svg = useRef<SVGSVGElement>(null);
  const drag = useRef<Point | null>(null);
  const sectors = dictionary.value?.sectors ?? [];
  const pieces = analysis.value?.pieces ?? [];
  const points = pieces.map((piece) => place(piece.theta, piece.r));
  const used = new Set(pieces.map((piece) => piece.sector));

  /* From pixels to the picture. */
  const unit = (): number => (2 * EXTENT) / view.scale / (svg.current?.clientWidth || 1);
  const zoom = (factor: number): void => setView((v) => zoomed(v, factor, v));

  useEffect(() => {
    const element = svg.current;
    /* Added by hand: the page must not scroll with it, and only a listener that is not passive can say so. */
    const onWheel = (event: WheelEvent): void => {
      if (!element) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      setView((v) => {
        const pixel = (2 * EXTENT) / v.scale / box.width;
        const about = { x: v.x + (event.clientX - box.left - box.width / 2) * pixel, y: v.y + (event.clientY - box.top - box.height / 2) * pixel };
        return zoomed(v, Math.exp(-event.deltaY / 400), about);
      });
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);

  const onMove = (event: PointerEvent): void => {
    const from = drag.current;
    if (!from) return;
    drag.current = { x: event.clientX, y: event.clientY };
    setView((v) => moved(v, (from.x - event.clientX) * unit(), (from.y - event.clientY) * unit()));
  };

  const onKey = (event: KeyboardEvent): void => {
    const step = 0.2 / view.scale;
    const moves: Record<string, [number, number]> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const move = moves[event.key];
    if (move) setView((v) => moved(v, ...move));
    else if (event.key === '+' || event.key === '=') zoom(STEP);
    else if (event.key === '-') zoom(1 / STEP);
    else if (event.key === '0') setView(WHOLE);
    else return;
    event.preventDefault();
  };

  return (
    <div class="plane">
      <svg
        ref={svg}
        class={view.scale === 1 ? 'whole' : undefined}
        viewBox={viewBox(view)}
        tabindex={0}
        role="group"
        aria-roledescription="map"
        aria-label={`The plane, with ${pieces.length} tokens. Arrow keys move, plus and minus zoom.`}
        onKeyDown={onKey}
        onPointerDown={(e) => { drag.current = { x: e.clientX, y: e.clientY }; svg.current?.setPointerCapture(e.pointerId); }}
        onPointerMove={onMove}
        onPointerUp={() => void (drag.current = null)}
        onPointerCancel={() => void (drag.current = null)}
      >
        <path class="axes" d="M-1.05 0H1.05M0 -1.05V1.05" />
        <Ring sectors={sectors} used={used} scale={view.scale} />
        <path class="way" d={linePath(points.filter((_, i) => pieces[i]?.id !== null))} />
        {analysis.value?.centroid ? <Middle centroid={analysis.value.centroid} scale={view.scale} /> : null}
        <Points pieces={pieces} sectors={sectors} scale={view.scale} />
      </svg>
      <div class="zoom" role="group" aria-label="Zoom">
        <button type="button" class="icon-button" aria-label="Zoom in" onClick={() => zoom(STEP)}>{icons.plus}</button>
        <button type="button" class="icon-button" aria-label="Zoom out" disabled={view.scale === 1} onClick={() => zoom(1 / STEP)}>{icons.minus}</button>
        <button type="button" class="icon-button" aria-label="Show all" disabled={view === WHOLE} onClick={() => setView(WHOLE)}>{icons.retry}</button>
      </div>
    </div>
  );
}
