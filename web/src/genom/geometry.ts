/* Where tokens stand in the picture, and what part of it is seen. Pure. */

import type { Sector } from '../genom.ts';

const TURN = 2 ** 32;
/* Radii in the picture: the commonest tokens, the rarest, the ring of sectors. r grows by a hundredth a bit. */
const NEAR = 0.18;
const FAR = 0.92;
const R_FIRST = 1.02;
const R_LAST = 1.26;
export const RING_INNER = 0.97;
export const RING_OUTER = 1.05;
/* Half the width of the whole picture. */
export const EXTENT = 1.3;
const SCALE_MAX = 4000;

export interface Point {
  x: number;
  y: number;
}

export interface View extends Point {
  /* 1: the whole picture. */
  scale: number;
}

export const WHOLE: View = { x: 0, y: 0, scale: 1 };

/* The first quadrant is at the top right; y grows downwards in pictures. */
export function polar(theta: number, radius: number): Point {
  return { x: Math.cos(theta) * radius, y: -Math.sin(theta) * radius };
}

/* No token stands nearer to the middle than R_FIRST, but the mean of several may. */
export function place(theta: number, r: number): Point {
  if (r < R_FIRST) return polar(theta, (NEAR * r) / R_FIRST);
  const share = Math.min(1, Math.max(0, (r - R_FIRST) / (R_LAST - R_FIRST)));
  return polar(theta, NEAR + share * (FAR - NEAR));
}

export function angles(sector: Sector): [number, number] {
  return [(sector.phase / TURN) * 2 * Math.PI, ((sector.phase + sector.width) / TURN) * 2 * Math.PI];
}

const number = (value: number): string => value.toFixed(5);
const xy = ({ x, y }: Point): string => `${number(x)} ${number(y)}`;

export function arcPath(sector: Sector): string {
  const [from, to] = angles(sector);
  const large = to - from > Math.PI ? 1 : 0;
  return (
    `M${xy(polar(from, RING_OUTER))}A${RING_OUTER} ${RING_OUTER} 0 ${large} 0 ${xy(polar(to, RING_OUTER))}` +
    `L${xy(polar(to, RING_INNER))}A${RING_INNER} ${RING_INNER} 0 ${large} 1 ${xy(polar(from, RING_INNER))}z`
  );
}

export function linePath(points: Point[]): string {
  return points.map((point, i) => `${i ? 'L' : 'M'}${xy(point)}`).join('');
}

/* Hues go once round the ring, so that neighbours are alike and the quadrants are not. */
export function colour(sectors: Sector[], name: string): string {
  const sector = sectors.find((s) => s.name === name);
  if (!sector) return 'currentColor';
  const [from, to] = angles(sector);
  return `oklch(0.64 0.15 ${Math.round((((from + to) / 2) * 180) / Math.PI)})`;
}

export function viewBox({ x, y, scale }: View): string {
  const half = EXTENT / scale;
  return `${number(x - half)} ${number(y - half)} ${number(2 * half)} ${number(2 * half)}`;
}

const within = (value: number, most: number): number => Math.min(most, Math.max(-most, value));

export function moved(view: View, dx: number, dy: number): View {
  return { ...view, x: within(view.x + dx, EXTENT), y: within(view.y + dy, EXTENT) };
}

/* What lies at `about` stays where it is. */
export function zoomed(view: View, factor: number, about: Point): View {
  const scale = Math.min(SCALE_MAX, Math.max(1, view.scale * factor));
  const rest = view.scale / scale;
  if (scale === 1) return WHOLE;
  return { x: within(about.x + (view.x - about.x) * rest, EXTENT), y: within(about.y + (view.y - about.y) * rest, EXTENT), scale };
}
