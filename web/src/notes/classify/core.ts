// What the drawings of this room compute with: a tape, data and a start put together; other tapes and other data than
// the contract's; the text of a drawing's state. No page, and no derivative: those are on the tapes.

import { array } from '../../runtime/array.js';
import type { Tape } from '../../runtime/format.js';
import { normal } from '../../runtime/threefry.js';
import type { Contract, Nested, Variant } from '../../contract.js';
import type { NDArray } from '../../instrument/data.js';
import type { Part, Problem } from '../../instrument/problem.js';
import { record } from '../../instrument/trace.js';
import type { Snapshot } from '../../instrument/snapshot.js';
import type { Trace } from '../../instrument/trace.js';

export type Arrays = Readonly<Record<string, Nested>>;

/** A tape with data and a start, as everything in src/instrument takes it. */
export function problemOf(
  contract: Contract,
  tape: Tape,
  given: Arrays,
  params: Arrays | Readonly<Record<string, NDArray>>,
): Problem {
  const sizes: Record<string, number> = {};
  const data: Record<string, NDArray> = {};
  const layout: Part[] = [];
  const flat: number[] = [];
  for (const { name, role, shape: dims } of tape.inputs) {
    const isParameter = role === 'parameter';
    const read = (isParameter ? params : given)[name];
    const found = isArray(read) ? read : (array(read) as NDArray);
    found.shape.forEach((size, axis) => {
      if (!/^\d+$/.test(dims[axis])) sizes[dims[axis]] ??= size;
    });
    if (!isParameter) data[name] = found;
    else {
      layout.push({ label: name, start: flat.length, shape: found.shape, size: found.data.length });
      flat.push(...found.data);
    }
  }
  const variant: Variant = { ...contract.variants[0], tape };
  const m = contract.examples === null ? 1 : (sizes[contract.examples] ?? 1);
  return { contract, variant, tape, data, sizes, m, layout, start: Float64Array.from(flat) };
}

const isArray = (x: Nested | NDArray): x is NDArray =>
  typeof x === 'object' && !Array.isArray(x) && 'data' in x;

/** Examples of data whose last axis counts them, in this order. */
export function some(given: Arrays, chosen: readonly number[]): Arrays {
  return Object.fromEntries(
    Object.entries(given).map(([name, rows]) => [
      name,
      Array.isArray(rows)
        ? rows.map((row) => (Array.isArray(row) ? chosen.map((i) => row[i]) : row))
        : rows,
    ]),
  );
}

/** The columns of an array of features: one array of numbers for each feature. */
export function columnsOf(rows: Nested): Float64Array[] {
  return (rows as number[][]).map((row) => Float64Array.from(row));
}

/**
 * Weights and bias of logistic regression with this boundary: the direction across it in degrees, how steep it is, and how
 * far it lies from the middle in that direction. A steeper one has the same boundary, for w and b grow together.
 */
export function boundaryOf(angle: number, steep: number, shift: number): Float64Array {
  const turn = (angle * Math.PI) / 180;
  return Float64Array.of(steep * Math.cos(turn), steep * Math.sin(turn), -steep * shift);
}

/** How widely a weight spreads at the start: the standard deviation, by the numbers that it adds up and hands on. */
export const SCHEMES: Readonly<Record<string, (fanIn: number, fanOut: number) => number>> = {
  zeros: () => 0,
  small: () => 0.01,
  xavier: (fanIn, fanOut) => Math.sqrt(2 / (fanIn + fanOut)),
  he: (fanIn) => Math.sqrt(2 / fanIn),
  large: () => 1.5,
  'fan-in': (fanIn) => 1 / Math.sqrt(fanIn),
};

/** The start of a two-layer network of so many hidden units, as Python's `init` makes it: one stream a parameter. */
export function networkStart(
  contract: Contract,
  units: number,
  seed: number,
  scheme = 'fan-in',
  shift = 0,
): Record<string, NDArray> {
  const found: Record<string, NDArray> = {};
  const dims = new Map(contract.values.map(({ label, shape }) => [label, shape]));
  const features = (array(contract.data.arrays[contract.features!]) as NDArray).shape[0];
  const size = (dim: string) => (dim === 'n_h' ? units : dim === 'n_x' ? features : Number(dim));
  for (const { label, kind, stream } of contract.start.init) {
    const shape = (dims.get(label) ?? []).map(size);
    const many = shape.reduce((a, b) => a * b, 1);
    const deviation = SCHEMES[scheme](shape[1] ?? 1, shape[0] ?? 1);
    const data =
      kind === 'zeros'
        ? new Float64Array(many).fill(label === 'b1' ? shift : 0)
        : normal(seed, stream, many).map((x) => x * deviation);
    found[label] = { shape, data };
  }
  return found;
}

export interface Choice {
  method: string;
  rate: number;
  steps: number;
}

/** A recorded descent on all examples. */
export const descent = (problem: Problem, { method, rate, steps }: Choice): Trace =>
  record(problem, { method, rate, batchSize: null }, steps, 0);

/** A parameter's part of a flat vector. */
export function partOf({ layout }: Problem, vector: Float64Array, label: string): Float64Array {
  const found = layout.find((part) => part.label === label);
  if (!found) throw new Error(`no parameter is called ${label}`);
  return vector.subarray(found.start, found.start + found.size);
}

/** What each hidden unit does on the examples: how many it is active on, and how much it passes back. */
export interface Unit {
  /** The share of the examples on which the unit's output is not 0. */
  active: number;
  /** The mean size of dZ1 against that of dA1: the unit's slope where it counts; 0 for a dead unit. */
  passes: number;
  /** Dead: nothing at all comes back through it. */
  dead: boolean;
}

export function unitsOf({ arrays }: Snapshot): Unit[] {
  const [A, dA, dZ] = ['A1', 'dA1', 'dZ1'].map((label) => arrays.get(label));
  if (!A || !dA || !dZ) return [];
  const [units, m] = A.shape;
  return Array.from({ length: units }, (_, j) => {
    let [on, above, below, reached] = [0, 0, 0, 0];
    for (let i = j * m; i < (j + 1) * m; i++) {
      if (A.data[i] !== 0) on++;
      above += Math.abs(dA.data[i]);
      below += Math.abs(dZ.data[i]);
      if (dZ.data[i] !== 0) reached++;
    }
    const passes = above > 0 ? below / above : 0;
    return { active: on / m, passes, dead: above > 0 && reached === 0 };
  });
}

/** Where the line w1 x + w2 y + b = 0 crosses a rectangle: two points, or none. */
export function across(
  [w1, w2]: readonly [number, number],
  b: number,
  { u, v }: { u: readonly [number, number]; v: readonly [number, number] },
): [number, number][] {
  const found: [number, number][] = [];
  const add = (x: number, y: number) => {
    const inside = x >= u[0] - 1e-9 && x <= u[1] + 1e-9 && y >= v[0] - 1e-9 && y <= v[1] + 1e-9;
    const known = found.some(([a, c]) => Math.hypot(a - x, c - y) < 1e-9);
    if (inside && !known && Number.isFinite(x + y)) found.push([x, y]);
  };
  for (const x of u) add(x, -(b + w1 * x) / w2);
  for (const y of v) add(-(b + w2 * y) / w1, y);
  return found.length >= 2 ? found.slice(0, 2) : [];
}

/** The mean and the standard deviation of numbers. */
export function spreadOf(data: ArrayLike<number>): { mean: number; deviation: number } {
  let mean = 0;
  for (let i = 0; i < data.length; i++) mean += data[i] / data.length;
  let square = 0;
  for (let i = 0; i < data.length; i++) square += (data[i] - mean) ** 2 / data.length;
  return { mean, deviation: Math.sqrt(square) };
}

/** How many numbers fall into each of `bins` equal parts of a range; what lies outside counts to the ends. */
export function histogram(data: ArrayLike<number>, [low, high]: [number, number], bins: number) {
  const counts = new Float64Array(bins);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(((data[i] - low) / (high - low)) * bins);
    counts[Math.min(Math.max(at, 0), bins - 1)]++;
  }
  return counts;
}

// -- the text of a state: "hidden=relu&step=40", what is as at the beginning left out
export type Fields = Record<string, string | number>;

export function readState<T extends Fields>(text: string, before: T): T {
  const found: Fields = { ...before };
  for (const part of text.split('&')) {
    const cut = part.indexOf('=');
    const key = part.slice(0, cut);
    if (cut < 0 || !Object.hasOwn(before, key)) continue;
    const value = decodeURIComponent(part.slice(cut + 1));
    if (typeof before[key] === 'string') found[key] = value;
    else if (value !== '' && Number.isFinite(Number(value))) found[key] = Number(value);
  }
  return found as T;
}

export function writeState<T extends Fields>(state: T, before: T): string {
  return Object.entries(state)
    .filter(([key, value]) => value !== before[key])
    .map(([key, value]) => `${key}=${encodeURIComponent(value).replaceAll('%2C', ',')}`)
    .join('&');
}
