// One contraction (`ein`) as closures over flat arrays: the plan and the loops come from array.js,
// chosen once at link time; here they only run, without allocating.

import { count, einLoops, einPlan } from './array.js';

type Run = () => void;
type Loop = { size: number; strides: number[] };

const ONE = new Float64Array([1]);

/** Closures that leave coefficient * contraction in `output`, run in order. */
export function contraction(
  coefficient: number,
  args: Float64Array[],
  letters: number[][],
  out: number[],
  sizes: number[],
  output: Float64Array,
): Run[] {
  const values = [...args];
  const plan = einPlan(letters, out, sizes);
  return plan.map((stage, i) => {
    const last = i === plan.length - 1;
    const result = last ? output : new Float64Array(count(stage.out.map((l) => sizes[l])));
    values.push(result);
    const [a = ONE, b = ONE] = stage.args.map((arg) => values[arg]);
    const [left = [], right = []] = stage.letters;
    const loops = einLoops([left, right], stage.out, sizes);
    return product(last ? coefficient : 1, a, b, result, loops);
  });
}

/** One closure for o = c * a * b over the loops (strides: a, b, o), by what the innermost does. */
function product(c: number, a: Float64Array, b: Float64Array, o: Float64Array, all: Loop[]): Run {
  const inner = all[all.length - 1].strides;
  // A factor that stands still in the innermost loop goes to the left.
  if (inner[1] === 0 && inner[0] !== 0) {
    const turned = all.map(({ size, strides: [p, q, r] }) => ({ size, strides: [q, p, r] }));
    return product(c, b, a, o, turned);
  }
  const nest = new Nest(all);
  if (inner[2] === 0) return dots(c, a, b, o, nest);
  if (inner[0] === 0) return rows(c, a, b, o, nest);
  return products(c, a, b, o, nest);
}

/** The loops: three that run as loops, and where they start on each turn of any further ones. */
class Nest {
  readonly loops: Loop[];
  /** Offsets into a, b, o, three by three. */
  readonly starts: Int32Array;
  /** Whether a loop outside the innermost sums, so that entries of o are met more than once. */
  readonly accumulates: boolean;

  constructor(all: Loop[]) {
    const still = { size: 1, strides: [0, 0, 0] };
    this.loops = [still, still, ...all].slice(-3);
    this.accumulates = all.slice(0, -1).some((loop) => loop.strides[2] === 0);
    let starts = [[0, 0, 0]];
    for (const { size, strides } of all.slice(0, -3))
      starts = starts.flatMap((at) =>
        Array.from({ length: size }, (_, k) => at.map((offset, i) => offset + k * strides[i])),
      );
    this.starts = Int32Array.from(starts.flat());
  }
}

/** Innermost: a sum of products into one entry. */
function dots(c: number, a: Float64Array, b: Float64Array, o: Float64Array, nest: Nest): Run {
  const { starts, accumulates } = nest;
  const [x, y, z] = nest.loops;
  const [xa, xb, xo] = x.strides;
  const [ya, yb, yo] = y.strides;
  const [za, zb] = z.strides;
  return () => {
    if (accumulates) o.fill(0);
    for (let s = 0; s < starts.length; s += 3)
      for (let i = 0; i < x.size; i++)
        for (let j = 0; j < y.size; j++) {
          const p = starts[s] + i * xa + j * ya;
          const q = starts[s + 1] + i * xb + j * yb;
          const r = starts[s + 2] + i * xo + j * yo;
          const total = c * dot(a, p, za, b, q, zb, z.size);
          o[r] = accumulates ? o[r] + total : total;
        }
  };
}

/** Innermost: a number times a row. */
function rows(c: number, a: Float64Array, b: Float64Array, o: Float64Array, nest: Nest): Run {
  const { starts, accumulates } = nest;
  const [x, y, z] = nest.loops;
  const [xa, xb, xo] = x.strides;
  const [ya, yb, yo] = y.strides;
  const [, zb, zo] = z.strides;
  // A summed middle loop adds four rows at a time: a quarter of the loads and stores of o.
  const fours = accumulates && yo === 0 ? y.size - (y.size % 4) : 0;
  return () => {
    if (accumulates) o.fill(0);
    for (let s = 0; s < starts.length; s += 3)
      for (let i = 0; i < x.size; i++) {
        const p = starts[s] + i * xa;
        const q = starts[s + 1] + i * xb;
        const r = starts[s + 2] + i * xo;
        for (let j = 0; j < fours; j += 4)
          addFourRows(c, a, p + j * ya, ya, b, q + j * yb, yb, zb, o, r, zo, z.size);
        for (let j = fours; j < y.size; j++) {
          const f = c * a[p + j * ya];
          if (accumulates) addRow(f, b, q + j * yb, zb, o, r + j * yo, zo, z.size);
          else setRow(f, b, q + j * yb, zb, o, r + j * yo, zo, z.size);
        }
      }
  };
}

/** Innermost: two rows entry by entry. */
function products(c: number, a: Float64Array, b: Float64Array, o: Float64Array, nest: Nest): Run {
  const { starts, accumulates } = nest;
  const [x, y, z] = nest.loops;
  const [xa, xb, xo] = x.strides;
  const [ya, yb, yo] = y.strides;
  const [za, zb, zo] = z.strides;
  return () => {
    if (accumulates) o.fill(0);
    for (let s = 0; s < starts.length; s += 3)
      for (let i = 0; i < x.size; i++)
        for (let j = 0; j < y.size; j++) {
          const p = starts[s] + i * xa + j * ya;
          const q = starts[s + 1] + i * xb + j * yb;
          const r = starts[s + 2] + i * xo + j * yo;
          if (accumulates) addProducts(c, a, p, za, b, q, zb, o, r, zo, z.size);
          else setProducts(c, a, p, za, b, q, zb, o, r, zo, z.size);
        }
  };
}

// The innermost loops. In each, an array is followed by its offset and its stride; they are functions
// of plain arguments because the engine keeps those in registers, which it does not for captures.

function dot(
  a: Float64Array,
  p: number,
  da: number,
  b: Float64Array,
  q: number,
  db: number,
  n: number,
): number {
  // Four sums side by side: one alone waits for each addition to finish.
  let t0 = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  let k = 0;
  for (; k + 3 < n; k += 4) {
    t0 += a[p] * b[q];
    t1 += a[p + da] * b[q + db];
    t2 += a[p + 2 * da] * b[q + 2 * db];
    t3 += a[p + 3 * da] * b[q + 3 * db];
    p += 4 * da;
    q += 4 * db;
  }
  for (; k < n; k++) {
    t0 += a[p] * b[q];
    p += da;
    q += db;
  }
  return t0 + t1 + (t2 + t3);
}

function setRow(
  f: number,
  b: Float64Array,
  q: number,
  db: number,
  o: Float64Array,
  r: number,
  d: number,
  n: number,
): void {
  if (db === 0 && d === 1) o.fill(f * b[q], r, r + n);
  else if (db === 1 && d === 1) for (let k = 0; k < n; k++) o[r + k] = f * b[q + k];
  else for (let k = 0; k < n; k++) o[r + k * d] = f * b[q + k * db];
}

function addRow(
  f: number,
  b: Float64Array,
  q: number,
  db: number,
  o: Float64Array,
  r: number,
  d: number,
  n: number,
): void {
  if (db === 1 && d === 1) for (let k = 0; k < n; k++) o[r + k] += f * b[q + k];
  else for (let k = 0; k < n; k++) o[r + k * d] += f * b[q + k * db];
}

function addFourRows(
  c: number,
  a: Float64Array,
  p: number,
  da: number,
  b: Float64Array,
  q: number,
  row: number,
  db: number,
  o: Float64Array,
  r: number,
  d: number,
  n: number,
): void {
  const f0 = c * a[p];
  const f1 = c * a[p + da];
  const f2 = c * a[p + 2 * da];
  const f3 = c * a[p + 3 * da];
  const q1 = q + row;
  const q2 = q1 + row;
  const q3 = q2 + row;
  for (let k = 0; k < n; k++) {
    const m = k * db;
    o[r + k * d] += f0 * b[q + m] + f1 * b[q1 + m] + (f2 * b[q2 + m] + f3 * b[q3 + m]);
  }
}

function setProducts(
  c: number,
  a: Float64Array,
  p: number,
  da: number,
  b: Float64Array,
  q: number,
  db: number,
  o: Float64Array,
  r: number,
  d: number,
  n: number,
): void {
  if (da === 1 && db === 1 && d === 1)
    for (let k = 0; k < n; k++) o[r + k] = c * a[p + k] * b[q + k];
  else for (let k = 0; k < n; k++) o[r + k * d] = c * a[p + k * da] * b[q + k * db];
}

function addProducts(
  c: number,
  a: Float64Array,
  p: number,
  da: number,
  b: Float64Array,
  q: number,
  db: number,
  o: Float64Array,
  r: number,
  d: number,
  n: number,
): void {
  for (let k = 0; k < n; k++) o[r + k * d] += c * a[p + k * da] * b[q + k * db];
}
