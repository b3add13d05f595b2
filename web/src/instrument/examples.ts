// What each example contributes: its own loss and its own gradient, and whether they add up to the whole.

import { linked } from './problem.js';
import type { Problem } from './problem.js';

export interface Contributions {
  losses: Float64Array;
  /** "mean" or "sum" where the losses of the examples give the loss that way; null where they do not. */
  adds: 'mean' | 'sum' | null;
}

/** The loss of every example by itself. */
export function contributions(problem: Problem, params: Float64Array, loss: number): Contributions {
  const { m } = problem;
  const one = linked(problem, {}, 1);
  one.params.set(params);
  const losses = new Float64Array(m);
  let total = 0;
  for (let i = 0; i < m; i++) {
    one.feed([i]);
    one.program.run();
    losses[i] = one.program.loss();
    total += losses[i];
  }
  const near = (x: number) => Math.abs(x - loss) <= 1e-9 * Math.max(Math.abs(loss), 1e-300);
  return { losses, adds: near(total / m) ? 'mean' : near(total) ? 'sum' : null };
}

/** The gradient that each of some examples gives by itself, all parameters in a row. */
export function ownGradients(
  problem: Problem,
  params: Float64Array,
  chosen: ArrayLike<number>,
): Float64Array[] {
  const { layout } = problem;
  const one = linked(problem, { gradients: layout.map(({ label }) => label) }, 1);
  one.params.set(params);
  return Array.from({ length: chosen.length }, (_, k) => {
    one.feed([chosen[k]]);
    one.program.run();
    const found = new Float64Array(params.length);
    for (const { label, start } of layout) found.set(one.program.gradient(label), start);
    return found;
  });
}
