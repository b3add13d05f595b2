// One contraction (`ein`) as closures over flat arrays: the plan and the loops come from array.js,
// chosen once at link time; here they only run, without allocating.

import { count, einLoops, einPlan } from './array.js';
import { dot, fourDots, fourRows, fourRowsOfTwo, products, row, rowOfFour, total } from './rows.js';

export type Run = () => void;

/** What a contraction is added to: an array with some of the output's letters. */
export interface Start {
  data: Float64Array;
  letters: number[];
}

const ONE = new Float64Array([1]);
const NOTHING: Start = { data: new Float64Array([-0]), letters: [] }; // -0 + x is x, even for -0

/** Closures that leave start + coefficient * contraction in `output`, run in order. */
export function contraction(
  coefficient: number,
  args: Float64Array[],
  letters: number[][],
  out: number[],
  sizes: number[],
  output: Float64Array,
  start: Start = NOTHING,
): Run[] {
  const values = [...args];
  const plan = einPlan(letters, out, sizes);
  return plan.flatMap((stage, i) => {
    const last = i === plan.length - 1;
    const result = last ? output : new Float64Array(count(stage.out.map((l) => sizes[l])));
    values.push(result);
    const [a = ONE, b = ONE] = stage.args.map((arg) => values[arg]);
    const [left = [], right = []] = stage.letters;
    const from = last ? start : NOTHING;
    const loops = einLoops([left, right, from.letters], stage.out, sizes);
    const way = choose({ c: last ? coefficient : 1, a, b, s: from.data, o: result }, loops);
    if (!way.onto || result === from.data) return [way.run];
    return [...begin(from, stage.out, sizes, result), way.run];
  });
}

/** o = s + c * a * b. */
interface Product {
  c: number;
  a: Float64Array;
  b: Float64Array;
  s: Float64Array;
  o: Float64Array;
}

/** One loop of a nest, with the strides of the arrays in it. */
type Loop = Readonly<Record<'size' | 'a' | 'b' | 's' | 'o', number>>;

/** How a product runs, and whether onto what is in o already, instead of s. */
interface Way {
  run: Run;
  onto: boolean;
}

const STILL: Loop = { size: 1, a: 0, b: 0, s: 0, o: 0 };

function choose(factors: Product, found: ReturnType<typeof einLoops>): Way {
  let product = factors;
  let loops: Loop[] = found.map(({ size, strides: [a, b, s, o] }) => ({ size, a, b, s, o }));
  const inner = loops[loops.length - 1];
  // A factor that stands still in the innermost loop goes to the left.
  if (inner.b === 0 && inner.a !== 0) {
    product = { ...factors, a: factors.b, b: factors.a };
    loops = loops.map((loop) => ({ ...loop, a: loop.b, b: loop.a }));
  }
  const z = loops[loops.length - 1];
  const outer = loops.slice(0, -1);
  const summed = outer.filter((loop) => loop.o === 0).length; // these are the last of them
  if (z.o === 0) return { run: dots(product, loops), onto: true };
  if (z.o === 1 && z.b === 1 && z.a === 0) {
    const onto = summed > 1 || z.s !== 0;
    return { run: rows(product, summed ? loops : [...outer, STILL, z], onto), onto };
  }
  const onto = summed > 0;
  if (z.o === 1 && z.b === 0 && z.s === 0 && !onto) return { run: fills(product, loops), onto };
  const target = onto ? { ...product, s: product.o } : product;
  const same = onto ? loops.map((loop) => ({ ...loop, s: loop.o })) : loops;
  return { run: strided(target, same), onto };
}

/** Closures that put the start into o. */
function begin(from: Start, out: number[], sizes: number[], o: Float64Array): Run[] {
  if (from !== NOTHING) return contraction(1, [from.data], [from.letters], out, sizes, o);
  if (o.length > 50) return [() => o.fill(0)];
  return [
    () => {
      for (let i = 0; i < o.length; i++) o[i] = 0;
    },
  ];
}

/** Where a, b, s and o are, four by four, on each turn of the loops. */
function offsets(loops: Loop[]): Int32Array {
  let all = [[0, 0, 0, 0]];
  for (const { size, a, b, s, o } of loops)
    all = all.flatMap(([p, q, t, r]) =>
      Array.from({ length: size }, (_, k) => [p + k * a, q + k * b, t + k * s, r + k * o]),
    );
  return Int32Array.from(all.flat());
}

/** The three innermost loops, which run as loops, and the offsets on each turn of the others. */
function nest(loops: Loop[]) {
  const [x, y, z] = [STILL, STILL, ...loops].slice(-3);
  return { x, y, z, at: offsets(loops.slice(0, -3)) };
}

/** Innermost: a sum of products, onto one entry. */
function dots(product: Product, loops: Loop[]): Run {
  const { x, y, z, at } = nest(loops);
  const rowwise = z.a === 1 && z.b === 1;
  const swapped = { ...product, a: product.b, b: product.a };
  const swap = (loop: Loop) => ({ ...loop, a: loop.b, b: loop.a });
  // A row of one factor against four of the other, along y.
  if (rowwise && y.b === 0 && y.a !== 0) return dots(swapped, loops.map(swap));
  if (rowwise && y.size < 4 && x.size >= 4 && x.b === 0) {
    const turned = [...loops.slice(0, -3), y, x, z].map(swap);
    return dots(swapped, turned);
  }
  const { c, a, b, o } = product;
  const fours = rowwise && y.a === 0 ? y.size & ~3 : 0;
  const sum = z.a === 0 && z.b === 1;
  return () => {
    for (let turn = 0; turn < at.length; turn += 4)
      for (let i = 0; i < x.size; i++)
        for (let j = 0; j < y.size; j += j < fours ? 4 : 1) {
          const p = at[turn] + i * x.a + j * y.a;
          const q = at[turn + 1] + i * x.b + j * y.b;
          const r = at[turn + 3] + i * x.o + j * y.o;
          if (j < fours) fourDots(c, a, p, b, q, y.b, o, r, y.o, z.size);
          else if (sum) o[r] += c * a[p] * total(b, q, z.size);
          else o[r] += c * dot(a, p, z.a, b, q, z.b, z.size);
        }
  };
}

/** Innermost: numbers times rows; x goes over the rows of o, y over what is summed into each. */
function rows({ c, a, b, s, o }: Product, loops: Loop[], onto: boolean): Run {
  const { x, y, z, at } = nest(loops);
  const n = z.size;
  const many = x.b === 0 ? x.size & ~3 : 0; // so many rows of o in fours, from the same rows of b
  return () => {
    for (let turn = 0; turn < at.length; turn += 4)
      for (let i = 0; i < x.size; i += i < many ? 4 : 1) {
        const t = at[turn + 2] + i * x.s;
        const r = at[turn + 3] + i * x.o;
        const step = i < many ? 2 : 4;
        const even = y.size - (y.size % step);
        for (let j = 0; j < y.size; j += j < even ? step : 1) {
          const first = j === 0 && !onto;
          const p = at[turn] + i * x.a + j * y.a;
          const q = at[turn + 1] + i * x.b + j * y.b;
          if (i < many && j < even)
            fourRowsOfTwo(first, c, s, t, x.s, a, p, x.a, y.a, b, q, y.b, o, r, x.o, n);
          else if (i < many) fourRows(first, c, s, t, x.s, a, p, x.a, b, q, o, r, x.o, n);
          else if (j < even) rowOfFour(first, c, s, t, a, p, y.a, b, q, y.b, o, r, n);
          else row(first, c, s, t, a, p, b, q, o, r, n);
        }
      }
  };
}

/** Innermost: one number into a row. */
function fills({ c, a, b, s, o }: Product, loops: Loop[]): Run {
  const { x, y, z, at } = nest(loops);
  return () => {
    for (let turn = 0; turn < at.length; turn += 4)
      for (let i = 0; i < x.size; i++)
        for (let j = 0; j < y.size; j++) {
          const p = at[turn] + i * x.a + j * y.a;
          const q = at[turn + 1] + i * x.b + j * y.b;
          const t = at[turn + 2] + i * x.s + j * y.s;
          const r = at[turn + 3] + i * x.o + j * y.o;
          o.fill(s[t] + c * a[p] * b[q], r, r + z.size);
        }
  };
}

/** Innermost: two rows entry by entry, at any strides. */
function strided({ c, a, b, s, o }: Product, loops: Loop[]): Run {
  const { x, y, z, at } = nest(loops);
  return () => {
    for (let turn = 0; turn < at.length; turn += 4)
      for (let i = 0; i < x.size; i++)
        for (let j = 0; j < y.size; j++) {
          const p = at[turn] + i * x.a + j * y.a;
          const q = at[turn + 1] + i * x.b + j * y.b;
          const t = at[turn + 2] + i * x.s + j * y.s;
          const r = at[turn + 3] + i * x.o + j * y.o;
          products(c, s, t, z.s, a, p, z.a, b, q, z.b, o, r, z.o, z.size);
        }
  };
}
