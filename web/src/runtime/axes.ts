// The ops along axes (max, softmax, ...) and the two that take and put one entry of an axis.

import { count } from './array.js';

type Run = () => void;
type Fold = (x: Float64Array, o: Float64Array, starts: Int32Array, within: Int32Array) => Run;

/** Offsets of every entry over the chosen axes, in row-major order. */
function offsets(shape: number[], chosen: (axis: number) => boolean): Int32Array {
  let all = [0];
  shape.forEach((size, axis) => {
    const stride = count(shape.slice(axis + 1));
    if (chosen(axis))
      all = all.flatMap((at) => Array.from({ length: size }, (_, k) => at + k * stride));
  });
  return Int32Array.from(all);
}

function largest(x: Float64Array, start: number, within: Int32Array): number {
  let top = -Infinity;
  for (let k = 0; k < within.length; k++) top = Math.max(top, x[start + within[k]]);
  return top;
}

function sumOfExp(x: Float64Array, start: number, within: Int32Array, top: number): number {
  let total = 0;
  for (let k = 0; k < within.length; k++) total += Math.exp(x[start + within[k]] - top);
  return total;
}

const folds: ReadonlyMap<string, { keeps: boolean; link: Fold }> = new Map([
  [
    'max',
    {
      keeps: false,
      link: (x, o, starts, within) => () => {
        for (let g = 0; g < starts.length; g++) o[g] = largest(x, starts[g], within);
      },
    },
  ],
  [
    'logsumexp',
    {
      keeps: false,
      link: (x, o, starts, within) => () => {
        for (let g = 0; g < starts.length; g++) {
          const found = largest(x, starts[g], within);
          const top = Math.abs(found) === Infinity ? 0 : found; // inf - inf would be NaN
          o[g] = Math.log(sumOfExp(x, starts[g], within, top)) + top;
        }
      },
    },
  ],
  [
    'softmax',
    {
      keeps: true,
      link: (x, o, starts, within) => () => {
        for (let g = 0; g < starts.length; g++) {
          const start = starts[g];
          const top = largest(x, start, within);
          let total = 0;
          for (let k = 0; k < within.length; k++)
            total += o[start + within[k]] = Math.exp(x[start + within[k]] - top);
          for (let k = 0; k < within.length; k++) o[start + within[k]] /= total;
        }
      },
    },
  ],
  [
    'log_softmax',
    {
      keeps: true,
      link: (x, o, starts, within) => () => {
        for (let g = 0; g < starts.length; g++) {
          const start = starts[g];
          const top = largest(x, start, within);
          const rest = Math.log(sumOfExp(x, start, within, top));
          for (let k = 0; k < within.length; k++)
            o[start + within[k]] = x[start + within[k]] - top - rest;
        }
      },
    },
  ],
]);

export const axisOps: readonly string[] = [...folds.keys()];

/** The shape an axis op gives: its own (softmax), or the axes as size 1 (max). */
export function axisShape(op: string, shape: number[], axes: number[]): number[] {
  return folds.get(op)?.keeps ? shape : shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
}

export function linkAxis(
  op: string,
  x: Float64Array,
  o: Float64Array,
  shape: number[],
  axes: number[],
): Run {
  const found = folds.get(op);
  if (!found) throw new Error(`unknown axis op "${op}", expected one of ${axisOps.join(', ')}`);
  const inside = (axis: number) => axes.includes(axis);
  return found.link(
    x,
    o,
    offsets(shape, (axis) => !inside(axis)),
    offsets(shape, inside),
  );
}

/** Copies entry `index` of an axis between the whole array and the one without that axis. */
export function linkEntry(
  kind: 'select' | 'place',
  x: Float64Array,
  o: Float64Array,
  whole: number[],
  axis: number,
  index: number,
): Run {
  const inner = count(whole.slice(axis + 1));
  const step = whole[axis] * inner;
  const start = index * inner;
  const blocks = count(whole.slice(0, axis));
  const [from, to] = kind === 'select' ? [step, inner] : [inner, step];
  const [fromStart, toStart] = kind === 'select' ? [start, 0] : [0, start];
  return () => {
    for (let block = 0; block < blocks; block++)
      for (let i = 0; i < inner; i++) o[block * to + toStart + i] = x[block * from + fromStart + i];
  };
}
