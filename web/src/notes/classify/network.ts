// The perceptron of the page with another hidden layer, other data, more or fewer units: a problem and its descent, kept
// by what they were made of, so that several drawings of a page do not repeat them.

import type { Contract } from '../../contract.js';
import type { Problem } from '../../instrument/problem.js';
import type { Trace } from '../../instrument/trace.js';
import { descent, networkStart, problemOf } from './core.js';
import type { Arrays } from './core.js';
import { kindOf } from './page.js';
import type { Props } from './page.js';

export interface Wanted {
  hidden: string;
  data: string;
  units: number;
  seed: number;
  scheme?: string;
  shift?: number;
}

export const RUN = { method: 'adam', rate: 0.05, steps: 400 };

/** The arrays of the data set of a name: the contract's own, or XOR. */
export function dataOf(
  contract: Contract,
  props: Pick<Props, 'data' | 'shared'>,
  name: string,
): Arrays {
  if (name !== 'xor') return contract.data.arrays;
  return (props.shared((props.data as { xor: string }).xor) as Contract['data']).arrays;
}

export function networkOf(
  contract: Contract,
  props: Pick<Props, 'data' | 'shared'>,
  w: Wanted,
): Problem {
  const start = networkStart(contract, w.units, w.seed, w.scheme, w.shift);
  return problemOf(
    contract,
    kindOf(contract, props, w.hidden).tape,
    dataOf(contract, props, w.data),
    start,
  );
}

export function networkRun(problem: Problem, rate = RUN.rate, steps = RUN.steps): Trace {
  return descent(problem, { method: RUN.method, rate, steps });
}
