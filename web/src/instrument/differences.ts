// The check that anyone can repeat: nudge one number both ways, see how the loss changes, and compare with
// the gradient that was derived. The error against the size of the nudge h.

import { NUDGE, nudged } from './tapes.js';
import { linked } from './problem.js';
import type { Problem } from './problem.js';

export interface Difference {
  h: number;
  estimate: number;
  /** Relative to the derived number, or absolute where that is 0. */
  error: number;
}

export interface Check {
  derived: number;
  curve: Difference[];
  best: Difference;
  /** Digits in which the two agree. */
  digits: number;
  /** Whether a large nudge is further off, as the loss bends; not on a parabola. */
  bends: boolean;
}

/**
 * Checks the derivative of the loss with respect to one entry of a value; undefined where the loss is
 * computed without reading the value (a form that cannot overflow skips some).
 */
export function check(
  problem: Problem,
  params: Float64Array,
  batch: Int32Array | null,
  label: string,
  index: number,
  derived: number,
): Check | undefined {
  const tape = nudged(problem.tape, label);
  if (!tape) return undefined;
  const { program, params: own, feed } = linked(problem, tape, batch?.length);
  own.set(params);
  if (batch) feed(batch);
  const nudge = program.value(NUDGE);
  const loss = (by: number) => {
    nudge[index] = by;
    program.run();
    return program.loss();
  };
  const curve: Difference[] = [];
  for (let power = 0; power >= -13; power -= 0.5) {
    const h = 10 ** power;
    const estimate = (loss(h) - loss(-h)) / (2 * h);
    const error = Math.abs(estimate - derived) / (derived === 0 ? 1 : Math.abs(derived));
    curve.push({ h, estimate, error });
  }
  const whole = curve.filter((_, i) => i % 2 === 0);
  const best = whole.reduce((a, b) => (b.error < a.error ? b : a));
  const digits = best.error === 0 ? 16 : Math.max(0, Math.floor(-Math.log10(best.error)));
  const bends = !(curve[0].error < 100 * best.error || curve[0].error < 1e-12);
  return { derived, curve, best, digits, bends };
}
