// Weighted sums and products of arrays of one layout, entry by entry, in as few passes as there are
// triples of arrays. -0 stands for no constant: -0 + x is x, even for -0.

import type { Run } from './contraction.js';

type Numbers = Float64Array;

export interface Weighted {
  coefficient: number;
  data: Numbers;
}

/** A closure that leaves constant + sum of coefficient * data in `o`. */
export function weightedSum(o: Numbers, constant: number, terms: readonly Weighted[]): Run {
  const none = { coefficient: 0, data: o };
  const [x = none, y = none, z = none, ...rest] = terms;
  const more = rest.length ? weightedSum(o, -0, [{ coefficient: 1, data: o }, ...rest]) : undefined;
  const [c, d, e] = [x.coefficient, y.coefficient, z.coefficient];
  if (terms.length === 0) return () => o.fill(constant);
  if (terms.length === 1) return () => one(o, constant, c, x.data);
  if (terms.length === 2) return () => two(o, constant, c, x.data, d, y.data);
  return () => {
    three(o, constant, c, x.data, d, y.data, e, z.data);
    more?.();
  };
}

function one(o: Numbers, k: number, c: number, x: Numbers): void {
  for (let i = 0; i < o.length; i++) o[i] = k + c * x[i];
}

function two(o: Numbers, k: number, c: number, x: Numbers, d: number, y: Numbers): void {
  for (let i = 0; i < o.length; i++) o[i] = k + c * x[i] + d * y[i];
}

// prettier-ignore
function three(o: Numbers, k: number, c: number, x: Numbers, d: number, y: Numbers,
  e: number, z: Numbers): void {
  for (let i = 0; i < o.length; i++) o[i] = k + c * x[i] + d * y[i] + e * z[i];
}

/** A closure that leaves k + c * product of the data in `o`; the last counts as data + plus. */
export function product(
  o: Numbers,
  k: number,
  c: number,
  data: readonly Numbers[],
  plus: number,
): Run {
  const [x, y, z] = data;
  if (data.length === 2) return () => timesTwo(o, k, c, x, y, plus);
  if (data.length === 3 && x === z) return () => timesOwn(o, k, c, x, y, plus);
  if (data.length === 3 && y === z) return () => timesOwn(o, k, c, y, x, plus);
  if (data.length === 3) return () => timesThree(o, k, c, x, y, z, plus);
  const first = product(o, -0, c, data.slice(0, 3), -0);
  const rest = product(o, k, 1, [o, ...data.slice(3)], plus);
  return () => {
    first();
    rest();
  };
}

// prettier-ignore
function timesTwo(o: Numbers, k: number, c: number, x: Numbers, y: Numbers, plus: number): void {
  for (let i = 0; i < o.length; i++) o[i] = k + c * x[i] * (y[i] + plus);
}

/** x (x + plus) y, as in the derivative of the sigmoid: a third array costs as much as the sums. */
// prettier-ignore
function timesOwn(o: Numbers, k: number, c: number, x: Numbers, y: Numbers, plus: number): void {
  for (let i = 0; i < o.length; i++) {
    const v = x[i];
    o[i] = k + c * v * (v + plus) * y[i];
  }
}

// prettier-ignore
function timesThree(o: Numbers, k: number, c: number, x: Numbers, y: Numbers, z: Numbers,
  plus: number): void {
  for (let i = 0; i < o.length; i++) o[i] = k + c * x[i] * y[i] * (z[i] + plus);
}
