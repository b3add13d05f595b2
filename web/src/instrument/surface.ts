// The loss over a plane: at a point, on a grid, and how losses map to the heights of a picture.

import { linked } from './problem.js';
import type { Problem } from './problem.js';
import type { Extent, Plane } from './landscape.js';

export type Surface = (a: number, b: number) => number;

/** The loss over a plane. */
export function surfaceOf(problem: Problem, { origin, u, v }: Plane): Surface {
  const { program, params } = linked(problem, {});
  return (a, b) => {
    for (let i = 0; i < params.length; i++) params[i] = origin[i] + a * u[i] + b * v[i];
    program.run();
    return program.loss();
  };
}

const along = ([low, high]: [number, number], s: number) => (low + high + s * (high - low)) / 2;

/** The surface on n x n points, row by row from the smallest v. */
export function gridOf(f: Surface, { u, v }: Extent, n: number): Float64Array {
  const found = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const b = v[0] + ((v[1] - v[0]) * j) / (n - 1);
    for (let i = 0; i < n; i++) found[j * n + i] = f(u[0] + ((u[1] - u[0]) * i) / (n - 1), b);
  }
  return found;
}

// Where a guess is held against the surface, in [-1, 1] x [-1, 1].
const TESTS = [[-1, -1], [-0.7, 0.4], [0.3, -0.9], [0.55, 0.83], [-0.2, 0.65], [0.93, -0.12], [-0.41, -0.37], [0.06, 0.15]]; // prettier-ignore

/** What makes grids of a surface from few of its points. */
export type Sampler = (n: number) => Float64Array;

/**
 * The surface as a polynomial: exactly, where it is one of degree 2 or 4 in either direction (squared errors of what
 * is linear in the parameters, or of products of two), else its interpolation of a degree, where no point tested is
 * further off in the picture than `most` of its height. Undefined where there is none: a surface with a kink.
 */
export function smooth(
  f: Surface,
  extent: Extent,
  degree: number,
  most: number,
): Sampler | undefined {
  const tests = TESTS.map(([s, t]) => ({ s, t, value: f(along(extent.u, s), along(extent.v, t)) }));
  for (const d of [2, 4, degree]) {
    const nodes = Float64Array.from({ length: d + 1 }, (_, k) => -Math.cos((Math.PI * k) / d));
    const values = Float64Array.from({ length: (d + 1) ** 2 }, (_, k) =>
      f(along(extent.u, nodes[k % (d + 1)]), along(extent.v, nodes[Math.floor(k / (d + 1))])),
    );
    const { to } = scaleOf(values);
    const size = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const holds = tests.every(({ s, t, value }) => {
      const [guess] = product(weights(nodes, [t]), values, weights(nodes, [s]), d + 1);
      return d > 4 ? Math.abs(to(guess) - to(value)) <= most : Math.abs(guess - value) <= 1e-9 * size; // prettier-ignore
    });
    if (!holds) continue;
    return (n) => {
      const at = weights(
        nodes,
        Array.from({ length: n }, (_, i) => (2 * i) / (n - 1) - 1),
      );
      return product(at, values, at, d + 1);
    };
  }
  return undefined;
}

/** How much each Chebyshev node counts at some places, a row for each: the barycentric formula. */
function weights(nodes: Float64Array, places: number[]): Float64Array {
  const size = nodes.length;
  const found = new Float64Array(places.length * size);
  places.forEach((s, i) => {
    const row = found.subarray(i * size, (i + 1) * size);
    const hit = nodes.indexOf(s);
    let sum = 0;
    for (let k = 0; k < size; k++) {
      const half = k === 0 || k === size - 1 ? 0.5 : 1;
      row[k] = hit < 0 ? ((k % 2 ? -1 : 1) * half) / (s - nodes[k]) : Number(k === hit);
      sum += row[k];
    }
    for (let k = 0; k < size; k++) row[k] /= sum;
  });
  return found;
}

/** The matrix product A F B^T, where F is square. */
function product(a: Float64Array, f: Float64Array, b: Float64Array, size: number): Float64Array {
  const [rows, columns] = [a.length / size, b.length / size];
  const found = new Float64Array(rows * columns);
  const row = new Float64Array(size);
  for (let j = 0; j < rows; j++) {
    row.fill(0);
    for (let r = 0; r < size; r++)
      for (let k = 0; k < size; k++) row[k] += a[j * size + r] * f[r * size + k];
    for (let i = 0; i < columns; i++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += b[i * size + k] * row[k];
      found[j * columns + i] = sum;
    }
  }
  return found;
}

/** How losses map to heights in [0, 1] so that contours spread evenly over the picture. */
export interface Scale {
  low: number;
  range: number;
  to(loss: number): number;
  from(t: number): number;
}

export function scaleOf(grid: Float64Array, bend = true): Scale {
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
    low,
    range,
    to: (loss) => Math.max(0, Math.min(1, (loss - low) / range)) ** p,
    from: (t) => low + range * t ** (1 / p),
  };
}
