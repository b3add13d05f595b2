// A plane through the space of parameters, and where a path lies above it.

import type { Part, Problem } from './problem.js';
import { entryName } from './format.js';
import { normal } from '../runtime/threefry.js';

export interface Plane {
  origin: Float64Array;
  u: Float64Array;
  v: Float64Array;
  names: [string, string];
  /** Whether the axes are entries of parameters, so that coordinates are their values. */
  entries: boolean;
}

export interface Extent {
  u: [number, number];
  v: [number, number];
}

/** The names of all entries of the parameters, in order. */
export function entryNames(layout: readonly Part[]): string[] {
  return layout.flatMap(({ label, shape, size }) =>
    Array.from({ length: size }, (_, i) => entryName(label, shape, i)),
  );
}

/** The place of an entry in the flat vector. */
export function entryIndex(layout: readonly Part[], name: string): number {
  for (const { label, shape, start, size } of layout) {
    if (name !== label && !name.startsWith(`${label}[`)) continue;
    for (let i = 0; i < size; i++) if (entryName(label, shape, i) === name) return start + i;
  }
  return -1;
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);

function unit(vector: Float64Array): Float64Array {
  const size = Math.sqrt(dot(vector, vector));
  return size > 0 ? vector.map((x) => x / size) : vector;
}

const less = (a: Float64Array, b: Float64Array, by: number) => a.map((x, i) => x - by * b[i]);

/** The two directions in which a list of points spreads most, by power iteration. */
function principal(points: Float64Array[], centre: Float64Array): [Float64Array, Float64Array] {
  const found: Float64Array[] = [];
  for (let k = 0; k < 2; k++) {
    let direction = unit(normal(1, k, centre.length));
    for (let round = 0; round < 60; round++) {
      const next = new Float64Array(centre.length);
      for (const point of points) {
        const away = point.map((x, i) => x - centre[i]);
        const along = dot(away, direction);
        for (let i = 0; i < next.length; i++) next[i] += along * away[i];
      }
      for (const other of found) next.set(less(next, other, dot(next, other)));
      if (dot(next, next) === 0) break;
      direction = unit(next);
    }
    for (const other of found) direction = unit(less(direction, other, dot(direction, other)));
    found.push(direction);
  }
  return [found[0], found[1]];
}

/** The plane that a choice of axes means, through `here`. */
export function planeOf(
  problem: Problem,
  axes: readonly string[],
  here: Float64Array,
  path: Float64Array[],
): Plane {
  const { layout } = problem;
  const size = here.length;
  if (axes[0] === 'path' && size > 1) {
    const centre = path[path.length - 1];
    const [u, v] = principal(path, centre);
    return { origin: centre, u, v, names: ['first direction', 'second direction'], entries: false };
  }
  if (axes[0] === 'random' && size > 1) {
    const u = unit(normal(7, 0, size));
    const other = normal(7, 1, size);
    const v = unit(less(other, u, dot(other, u)));
    return { origin: here, u, v, names: ['random direction', 'another'], entries: false };
  }
  const names = entryNames(layout);
  const found = axes.map((name) => entryIndex(layout, name)).filter((i) => i >= 0);
  const [a, b] = found.length === 2 && found[0] !== found[1] ? found : defaultAxes(layout);
  const origin = here.slice();
  const [u, v] = [new Float64Array(size), new Float64Array(size)];
  origin[a] = 0;
  u[a] = 1;
  if (b !== a) {
    origin[b] = 0;
    v[b] = 1;
  }
  return { origin, u, v, names: [names[a], b === a ? '' : names[b]], entries: true };
}

/** The first entries of two parameters, weights before biases. */
function defaultAxes(layout: readonly Part[]): [number, number] {
  const total = layout.reduce((sum, { size }) => sum + size, 0);
  if (total < 2) return [0, 0];
  if (total === 2) return [0, 1];
  const weights = layout.filter(({ size }) => size > 1);
  const [first, second] = [...weights, ...layout.filter((part) => !weights.includes(part))];
  if (!second) return [first.start, first.start + 1];
  const linear = weights.length < 2 && first.size > 1;
  return linear ? [first.start, first.start + 1] : [first.start, second.start];
}

/** The coordinates of a point: where it lies on the plane, or above it. */
export function project({ origin, u, v }: Plane, point: Float64Array): [number, number] {
  let [a, b] = [0, 0];
  for (let i = 0; i < point.length; i++) {
    a += (point[i] - origin[i]) * u[i];
    b += (point[i] - origin[i]) * v[i];
  }
  return [a, b];
}

/** How far a point lies from the plane, against its distance along it: 0 on the plane. */
export function offPlane(plane: Plane, point: Float64Array): number {
  const [a, b] = project(plane, point);
  let [off, on] = [0, 0];
  for (let i = 0; i < point.length; i++) {
    const away = point[i] - plane.origin[i];
    const along = a * plane.u[i] + b * plane.v[i];
    off += (away - along) ** 2;
    on += along ** 2;
  }
  return off === 0 ? 0 : Math.sqrt(off / (off + on));
}

/** The point of the plane at some coordinates. */
export function pointAt({ origin, u, v }: Plane, a: number, b: number): Float64Array {
  return origin.map((x, i) => x + a * u[i] + b * v[i]);
}

/** An extent that holds all points, with room around them. */
export function extentOf(points: readonly (readonly [number, number])[], room = 0.22): Extent {
  const finite = points.filter(([a, b]) => Math.abs(a) < 1e12 && Math.abs(b) < 1e12);
  const fit = (k: 0 | 1): [number, number] => {
    const values = finite.map((point) => point[k]);
    const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [-1, 1];
    const margin = Math.max((high - low) * room, 1e-9);
    return [low - margin, high + margin];
  };
  const [u, v] = [fit(0), fit(1)];
  // Neither axis is a sliver of the other.
  const [ru, rv] = [u[1] - u[0], v[1] - v[0]];
  const least = Math.max(ru, rv) / 4 || 1;
  const widen = (axis: [number, number], range: number): [number, number] => {
    const more = Math.max(0, least - range) / 2;
    return [axis[0] - more, axis[1] + more];
  };
  return { u: widen(u, ru), v: widen(v, rv) };
}
