// The loss over a plane, and how losses map to the heights of a picture.

import { linked } from './problem.js';
import type { Problem } from './problem.js';
import type { Plane } from './landscape.js';

export type Surface = (a: number, b: number) => number;

/** The loss over a plane. */
export function surfaceOf(problem: Problem, { origin, u, v }: Plane): Surface {
  const { program, params } = linked(problem, {});
  return (a, b) => {
    for (let i = 0; i < params.length; i++) params[i] = origin[i] + a * u[i] + b * v[i];
    program.run();
    return program.loss();
  };
}

/** How losses map to heights in [0, 1] so that contours spread evenly over the picture. */
export interface Scale {
  low: number;
  range: number;
  to(loss: number): number;
  from(t: number): number;
}

export function scaleOf(grid: Float64Array, bend = true): Scale {
  let [low, high] = [Infinity, -Infinity];
  const some: number[] = []; // to sort them all would take longer than to draw them
  const every = (grid.length >> 12) | 1;
  for (let i = 0; i < grid.length; i++) {
    const loss = grid[i];
    if (!Number.isFinite(loss)) continue;
    if (loss < low) low = loss;
    if (loss > high) high = loss;
    if (i % every === 0) some.push(loss);
  }
  if (low > high) [low, high] = [0, 1];
  const range = high - low || 1;
  const sorted = Float64Array.from(some).sort();
  const middle = ((sorted[sorted.length >> 1] ?? 0.5) - low) / range;
  const power = middle > 1e-6 && middle < 0.999 ? Math.log(0.62) / Math.log(middle) : 0.5;
  const p = bend ? Math.min(Math.max(power, 0.12), 1) : 1;
  return {
    low,
    range,
    to: (loss) => Math.max(0, Math.min(1, (loss - low) / range)) ** p,
    from: (t) => low + range * t ** (1 / p),
  };
}
