/* Where names stand in the picture so that none lies on another. Greedy: whatever comes first keeps its place, what finds
 * none is left out. Pure, but for how wide a text is, which is asked for. */

import type { Point } from './geometry.ts';

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/* The middle of a name's baseline. */
export type Place = Point | null;

/* Above and below the baseline, in parts of the size of the font. */
const ASCENT = 0.95;
const DESCENT = 0.25;

export function boxOf({ x, y }: Point, width: number, size: number): Box {
  return { left: x - width / 2, top: y - ASCENT * size, right: x + width / 2, bottom: y + DESCENT * size };
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

export interface PointName {
  point: Point;
  text: string;
  width: number;
  /* The greater, the sooner it gets a place. */
  weight: number;
}

/* About its point a name stands where no other name does, and if it can where no point is. A text that comes twice at one
 * place has one name. */
export function nameBesidePoints(names: PointName[], radius: number, size: number): Place[] {
  const dots = names.map(({ point: { x, y } }) => ({ left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }));
  const taken: Box[] = [];
  const places: Place[] = names.map(() => null);
  const seen = new Set<string>();
  const order = names.map((_, i) => i).sort((a, b) => (names[b] as PointName).weight - (names[a] as PointName).weight);
  for (const i of order) {
    const { point, text, width } = names[i] as PointName;
    const key = `${text} ${point.x} ${point.y}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const up = point.y - 1.75 * radius;
    const down = point.y + 1.75 * radius + ASCENT * size;
    const level = point.y + 0.35 * size;
    const aside = 1.5 * radius + width / 2;
    const tries: [number, number][] = [[0, up], [0, down], [aside, level], [-aside, level], [aside, up], [-aside, up], [aside, down], [-aside, down]];
    const free = tries.map(([dx, y]) => ({ x: point.x + dx, y })).filter((at) => !taken.some((t) => overlap(t, boxOf(at, width, size))));
    const clear = free.find((at) => !dots.some((dot, j) => j !== i && overlap(dot, boxOf(at, width, size))));
    const place = clear ?? free[0];
    if (!place) continue;
    places[i] = place;
    taken.push(boxOf(place, width, size));
  }
  return places;
}

export interface RingName {
  /* The middle of its baseline, were it alone. */
  at: Point;
  width: number;
  /* One that must be there is moved from the middle of the picture's height, so that the order stays and the ring is not
   * covered; another is left out. */
  used: boolean;
  weight: number;
}

/* In parts of the font's size: how far a name is moved at once, and at most. */
const STEP = 0.25;
const STEPS_MAX = 16;

export function nameBesideRing(names: RingName[], size: number): Place[] {
  const taken: Box[] = [];
  const places: Place[] = names.map(() => null);
  const all = names.map((name, i) => ({ ...name, i }));
  const used = all.filter((n) => n.used).sort((a, b) => Math.abs(a.at.y) - Math.abs(b.at.y));
  const rest = all.filter((n) => !n.used).sort((a, b) => b.weight - a.weight);
  for (const { at, width, used: must, i } of [...used, ...rest]) {
    const step = (at.y < 0 ? -STEP : STEP) * size;
    for (let n = 0; n <= (must ? STEPS_MAX : 0); n++) {
      const place = { x: at.x, y: at.y + n * step };
      const box = boxOf(place, width, size);
      if (taken.some((t) => overlap(t, box))) continue;
      places[i] = place;
      taken.push(box);
      break;
    }
  }
  return places;
}
