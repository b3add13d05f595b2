// The loss over a plane through the space of parameters: the plane, the grid, the contours, and where a
// path lies above it.

import { linked } from './problem.js';
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

export type Surface = (a: number, b: number) => number;

/** The loss over a plane. A surface that proves to be quadratic is evaluated as one. */
export function surfaceOf(problem: Problem, plane: Plane, extent: Extent): Surface {
  const { program, params } = linked(problem, {});
  const { origin, u, v } = plane;
  const loss: Surface = (a, b) => {
    for (let i = 0; i < params.length; i++) params[i] = origin[i] + a * u[i] + b * v[i];
    program.run();
    return program.loss();
  };
  return quadratic(loss, extent) ?? loss;
}

/** The quadratic function through six points of a surface, if five more points lie on it. */
export function quadratic(f: Surface, { u, v }: Extent): Surface | undefined {
  const [cu, cv] = [(u[0] + u[1]) / 2, (v[0] + v[1]) / 2];
  const [ru, rv] = [(u[1] - u[0]) / 2 || 1, (v[1] - v[0]) / 2 || 1];
  const at = (s: number, t: number) => f(cu + s * ru, cv + t * rv);
  const [f0, east, west, north, south] = [at(0, 0), at(1, 0), at(-1, 0), at(0, 1), at(0, -1)];
  const [g, h] = [(east - west) / 2, (north - south) / 2];
  const [a, c] = [(east + west) / 2 - f0, (north + south) / 2 - f0];
  const b = at(1, 1) - f0 - g - h - a - c;
  const guess = (s: number, t: number) => f0 + s * (g + a * s + b * t) + t * (h + c * t);
  const tests = [[-1, -1], [-0.7, 0.4], [0.3, -0.9], [0.55, 0.8], [-0.2, 0.65]]; // prettier-ignore
  const scale = Math.max(...[f0, east, west, north, south].map(Math.abs));
  const holds = tests.every(([s, t]) => Math.abs(at(s, t) - guess(s, t)) <= 1e-9 * scale);
  return holds ? (x, y) => guess((x - cu) / ru, (y - cv) / rv) : undefined;
}

/** The surface on n x n points, row by row from the smallest v. */
export function gridOf(f: Surface, { u, v }: Extent, n: number): Float64Array {
  const found = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const b = v[0] + ((v[1] - v[0]) * j) / (n - 1);
    for (let i = 0; i < n; i++) found[j * n + i] = f(u[0] + ((u[1] - u[0]) * i) / (n - 1), b);
  }
  return found;
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

/** How losses map to heights in [0, 1] so that contours spread evenly over the picture. */
export function scaleOf(
  grid: Float64Array,
  bend = true,
): { to(loss: number): number; from(t: number): number } {
  let [low, high] = [Infinity, -Infinity];
  const some: number[] = []; // to sort them all would take longer than to draw them
  const every = (grid.length >> 12) | 1;
  for (let i = 0; i < grid.length; i++) {
    const loss = grid[i];
    if (!Number.isFinite(loss)) continue;
    if (loss < low) low = loss;
    if (loss > high) high = loss;
    if (i % every === 0) some.push(loss);
  }
  if (low > high) [low, high] = [0, 1];
  const range = high - low || 1;
  const sorted = Float64Array.from(some).sort();
  const middle = ((sorted[sorted.length >> 1] ?? 0.5) - low) / range;
  const power = middle > 1e-6 && middle < 0.999 ? Math.log(0.62) / Math.log(middle) : 0.5;
  const p = bend ? Math.min(Math.max(power, 0.12), 1) : 1;
  return {
    to: (loss) => Math.max(0, Math.min(1, (loss - low) / range)) ** p,
    from: (t) => low + range * t ** (1 / p),
  };
}

/** Line segments where a grid crosses a level: x, y, x, y, ... in grid steps. Marching squares. */
export function contour(grid: Float64Array, n: number, level: number): Float64Array {
  const out: number[] = [];
  const cut = (a: number, b: number) => (level - a) / (b - a);
  for (let j = 0; j < n - 1; j++) {
    let left = 0;
    for (let i = -1; i < n - 1; i++) {
      // The east side of a cell is the west side of the next.
      const to = j * n + i + 1;
      const right = (grid[to] > level ? 2 : 0) | (grid[to + n] > level ? 4 : 0);
      const kind = right | left;
      left = (right & 2 ? 1 : 0) | (right & 4 ? 8 : 0);
      if (i < 0 || kind === 0 || kind === 15) continue;
      const [a, b, c, d] = [grid[to - 1], grid[to], grid[to + n], grid[to + n - 1]];
      if (Number.isNaN(a + b + c + d)) continue;
      const south = () => out.push(i + cut(a, b), j);
      const east = () => out.push(i + 1, j + cut(b, c));
      const north = () => out.push(i + cut(d, c), j + 1);
      const west = () => out.push(i, j + cut(a, d));
      switch (kind) {
        case 1: case 14: west(); south(); break;
        case 2: case 13: south(); east(); break;
        case 4: case 11: east(); north(); break;
        case 8: case 7: north(); west(); break;
        case 3: case 12: west(); east(); break;
        case 6: case 9: south(); north(); break;
        case 5: west(); south(); east(); north(); break;
        default: south(); east(); north(); west();
      } // prettier-ignore
    }
  }
  return new Float64Array(out);
}
