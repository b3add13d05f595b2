// The gradient check of a whole model: every parameter nudged, one after the other, over a range of steps.

import { entryNames } from '../../instrument/landscape.js';
import { linked } from '../../instrument/problem.js';
import type { Problem } from '../../instrument/problem.js';

export interface Checked {
  names: string[];
  derived: Float64Array;
  /** The steps, from large to small. */
  steps: number[];
  /** For each step, every parameter's difference quotient. */
  quotients: Float64Array[];
  /** For each step, |quotient - derived| against the larger of both, for every parameter. */
  errors: Float64Array[];
  /** For each step, the distance of the two vectors against the sum of their lengths. */
  whole: Float64Array;
}

export type Way = 'central' | 'forward';

/** Steps of the study: powers of ten from 1 down to 1e-13, halved on the logarithmic axis. */
export const STEPS = Array.from({ length: 27 }, (_, k) => 10 ** (-k / 2));

const size = (x: Float64Array) => Math.sqrt(x.reduce((sum, y) => sum + y * y, 0));

export function gradientOf(problem: Problem, params: Float64Array): Float64Array {
  const wanted = { gradients: problem.layout.map(({ label }) => label) };
  const { program } = linked(problem, wanted, undefined, params.slice());
  program.run();
  const found = new Float64Array(params.length);
  for (const { label, start } of problem.layout) found.set(program.gradient(label), start);
  return found;
}

/** Compares a gradient, right or not, with difference quotients of the loss. */
export function checkAll(
  problem: Problem,
  params: Float64Array,
  derived: Float64Array,
  way: Way = 'central',
): Checked {
  const { program, params: own } = linked(problem, {}, undefined, params.slice());
  const lossAt = (i: number, by: number) => {
    own[i] = params[i] + by;
    program.run();
    own[i] = params[i];
    return program.loss();
  };
  const here = lossAt(0, 0);
  const quotients = STEPS.map((h) =>
    Float64Array.from(params, (_, i) =>
      way === 'central' ? (lossAt(i, h) - lossAt(i, -h)) / (2 * h) : (lossAt(i, h) - here) / h,
    ),
  );
  const errors = quotients.map((row) =>
    row.map(
      (q, i) => Math.abs(q - derived[i]) / (Math.max(Math.abs(q), Math.abs(derived[i])) || 1),
    ),
  );
  const whole = Float64Array.from(quotients, (row) => {
    const apart = size(row.map((q, i) => q - derived[i]));
    return apart / (size(row) + size(derived) || 1);
  });
  return { names: entryNames(problem.layout), derived, steps: STEPS, quotients, errors, whole };
}
