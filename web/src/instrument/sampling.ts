// Grids of a surface, from as few of its points as will do. A point of a large model takes long, so that it is done bit
// by bit: a generator pauses after each point, and whoever drives it decides when it goes on.

import type { Extent } from './landscape.js';
import { scaleOf } from './surface.js';
import type { Surface } from './surface.js';

/** A surface on n x n points, row by row from the smallest v. */
export interface Grid {
  n: number;
  values: Float64Array;
}
/** What makes a grid, of n points a side where it can. */
export type Sampler = (n: number) => Grid;

export interface Wish {
  /** The highest degree of a polynomial that stands for a smooth surface, and how far off it may be in the picture. */
  degree: number;
  most: number;
  /** About how many milliseconds to spend, however long a point takes. */
  ms: number;
}

/** The lowest degree that is tried on what is no polynomial; the fewest and most points a side of what has kinks. */
const LEAST = 8;
const FEWEST = 16;
const MOST = 128;

/** Grids of a surface: a polynomial where it is smooth, else the surface itself on as many points as there is time for. */
export function* sampling(
  f: Surface,
  extent: Extent,
  wish: Wish,
  clock: () => number,
): Generator<void, Sampler> {
  let [spent, points] = [0, 0];
  const timed: Surface = (a, b) => {
    const from = clock();
    const found = f(a, b);
    spent += clock() - from;
    points++;
    return found;
  };
  const side = () => Math.floor(Math.sqrt((wish.ms * points) / (spent || 1e-3)));
  const degree = () => Math.min(wish.degree, Math.max(2 * (side() >> 1), LEAST));
  const found = yield* smooth(timed, extent, degree, wish.most);
  if (found) return found;
  const n = Math.min(Math.max(8 * (side() >> 3), FEWEST), MOST);
  const grid = { n, values: yield* gridOf(f, extent, n) };
  return () => grid;
}

/** What a generator finds, without a pause. */
export function all<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

const along = ([low, high]: [number, number], s: number) => (low + high + s * (high - low)) / 2;

/** The surface on n x n points. */
export function* gridOf(f: Surface, extent: Extent, n: number): Generator<void, Float64Array> {
  return yield* valuesAt(f, extent, Float64Array.from({ length: n }, (_, i) => (2 * i) / (n - 1) - 1)); // prettier-ignore
}

/** The surface at all pairs of some places in [-1, 1]. */
function* valuesAt(f: Surface, { u, v }: Extent, places: Float64Array) {
  const n = places.length;
  const found = new Float64Array(n * n);
  for (let k = 0; k < found.length; k++) {
    found[k] = f(along(u, places[k % n]), along(v, places[Math.floor(k / n)]));
    yield;
  }
  return found;
}

// Where a guess is held against the surface, in [-1, 1] x [-1, 1].
const TESTS = [[-1, -1], [-0.7, 0.4], [0.3, -0.9], [0.55, 0.83], [-0.2, 0.65], [0.93, -0.12], [-0.41, -0.37], [0.06, 0.15]]; // prettier-ignore

/**
 * The surface as a polynomial: exactly, where it is one of degree 2 or 4 in either direction (squared errors of what
 * is linear in the parameters, or of products of two), else its interpolation of a degree, where no point tested is
 * further off in the picture than `most` of its height. Undefined where there is none: a surface with a kink.
 */
export function* smooth(
  f: Surface,
  extent: Extent,
  degree: () => number,
  most: number,
): Generator<void, Sampler | undefined> {
  const tests = [];
  for (const [s, t] of TESTS) {
    tests.push({ s, t, value: f(along(extent.u, s), along(extent.v, t)) });
    yield;
  }
  for (const d of [2, 4, degree()]) {
    const nodes = Float64Array.from({ length: d + 1 }, (_, k) => -Math.cos((Math.PI * k) / d));
    const values = yield* valuesAt(f, extent, nodes);
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
      return { n, values: product(at, values, at, d + 1) };
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
