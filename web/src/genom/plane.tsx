/* The plane: the ring of sectors, the tokens of the text as points, and the way between them. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Centroid, Sector } from '../genom.ts';
import { icons } from '../icons.tsx';
import { angles, arcPath, colour, EXTENT, linePath, moved, place, polar, RING_OUTER, viewBox, WHOLE, zoomed, type Point, type View } from './geometry.ts';
import type { ShownPiece } from './messages.ts';
import { analysis, dictionary, looked } from './state.ts';

const STEP = 1.6;
/* Arcs narrower than this have no name beside them, but where the text goes. */
const NAMED_WIDTH = 0.05;

function Ring({ sectors, used, scale }: { sectors: Sector[]; used: Set<string>; scale: number }): JSX.Element {
  return (
    <g>
      {sectors.map((sector) => {
        const [from, to] = angles(sector);
        const middle = (from + to) / 2;
        const at = polar(middle, RING_OUTER + 0.02);
        const named = used.has(sector.name) || (to - from) * scale > NAMED_WIDTH * 2;
        return (
          <g key={sector.name} class={used.has(sector.name) ? 'arc used' : 'arc'}>
            <path d={arcPath(sector)} fill={colour(sectors, sector.name)}><title>{sector.name}</title></path>
            {named ? (
              <text x={at.x} y={at.y} font-size={0.042 / Math.sqrt(scale)} text-anchor={at.x < -0.1 ? 'end' : at.x > 0.1 ? 'start' : 'middle'} dominant-baseline="middle">
                {sector.name}
              </text>
            ) : null}
          </g>
        );
      })}
    </g>
  );
}

export function describe(piece: ShownPiece): string {
  return piece.id === null ? `${piece.text}: spelled, no token` : `${piece.text}: ${piece.sector}, quadrant ${piece.quadrant}`;
}

function Points({ pieces, points, sectors, scale }: { pieces: ShownPiece[]; points: Point[]; sectors: Sector[]; scale: number }): JSX.Element {
  return (
    <g>
      {pieces.map((piece, i) => {
        const point = points[i];
        if (!point || piece.id === null) return null;
        const chosen = looked.value === i;
        return (
          <g key={i} class={chosen ? 'point chosen' : 'point'} onPointerEnter={() => void (looked.value = i)} onClick={() => void (looked.value = i)}>
            <circle cx={point.x} cy={point.y} r={(chosen ? 0.032 : 0.02) / scale} fill={colour(sectors, piece.sector)} />
            <text x={point.x} y={point.y - 0.035 / scale} font-size={0.05 / scale} text-anchor="middle">{piece.text}</text>
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
        <Points pieces={pieces} points={points} sectors={sectors} scale={view.scale} />
      </svg>
      <div class="zoom" role="group" aria-label="Zoom">
        <button type="button" class="icon-button" aria-label="Zoom in" onClick={() => zoom(STEP)}>{icons.plus}</button>
        <button type="button" class="icon-button" aria-label="Zoom out" disabled={view.scale === 1} onClick={() => zoom(1 / STEP)}>{icons.minus}</button>
        <button type="button" class="icon-button" aria-label="Show all" disabled={view === WHOLE} onClick={() => setView(WHOLE)}>{icons.retry}</button>
      </div>
    </div>
  );
}
