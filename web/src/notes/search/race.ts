// The race of chapter 0 run live, for any number of parameters: who knows how much after how many losses. Slopes come from
// the engine's tape or from differences of its loss; nothing here knows a derivative.

import { link } from '../../runtime/tape.js';
import type { Tape } from '../../runtime/format.js';
import { normal } from '../../runtime/threefry.js';

/** Written by src/chainrule/course/notes/search.py; lists have an entry for 1, 2, ... parameters. */
export interface Document {
  examples: number;
  /** What is left of the loss where a racer has arrived. */
  share: number;
  /** In evaluations of the loss. */
  budget: number;
  loss: Tape;
  both: Tape;
  /** What loss and gradient cost together, in losses. */
  price: number[];
  rates: number[];
  /** What the closed form costs, in losses, and what it leaves. */
  closed: { cost: number; left: number }[];
}

export type Key = 'anywhere' | 'nearby' | 'forward' | 'central' | 'backward' | 'closed';

export interface Lane {
  key: Key;
  /** What a step costs, in losses; of the closed form, all of it. */
  price: number;
  /** Where something better was found: after how many losses, and what was left then. */
  evaluations: number[];
  left: number[];
  arrived: number | null;
}

const SEARCH = 0x40000000; // as in Python: the first stream of random search

interface Problem {
  n: number;
  data: Record<'X' | 'Y', Float64Array>;
  w: Float64Array;
  loss(): number;
  gradient(): Float64Array;
}

/** The data of n parameters, as chainrule.course.race makes them, and the two tapes on one vector w. */
export function problemOf({ examples: m, loss, both }: Document, n: number): Problem {
  const X = normal(0, 100 + n, n * m);
  const truth = normal(0, 200 + n, n);
  const length = Math.hypot(...truth);
  const Y = new Float64Array(m);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < m; k++) Y[k] += (truth[i] / length) * X[i * m + k];
  const w = new Float64Array(n);
  const [alone, whole] = [loss, both].map((tape) => link(tape, { n, m }, { X, Y, w }));
  return {
    n,
    data: { X, Y },
    w,
    loss: () => (alone.run(), alone.loss()),
    gradient: () => (whole.run(), whole.gradient('w')),
  };
}

/** The slopes by nudging one parameter after the other, on one side or on both. */
export function differences({ n, w, loss }: Problem, central: boolean): Float64Array {
  const h = central ? 6e-6 : 1.5e-8; // the third and the second root of the precision of a double
  const here = central ? 0 : loss();
  return Float64Array.from({ length: n }, (_, i) => {
    const kept = w[i];
    w[i] = kept + h;
    const above = loss();
    w[i] = kept - h;
    const below = central ? loss() : here;
    w[i] = kept;
    return (above - below) / (central ? 2 * h : h);
  });
}

export function race(document: Document, n: number): Lane[] {
  const problem = problemOf(document, n);
  const first = problem.loss();
  const scale = n ** -0.5;
  const slopes: Record<'forward' | 'central' | 'backward', [number, () => Float64Array]> = {
    forward: [n + 1, () => differences(problem, false)],
    central: [2 * n + 1, () => differences(problem, true)],
    backward: [document.price[n - 1], problem.gradient],
  };
  const { cost, left } = document.closed[n - 1];
  return [
    searched(document, problem, 'anywhere', first, scale),
    searched(document, problem, 'nearby', first, 0.3 * scale),
    ...(['central', 'forward', 'backward'] as const).map((key) =>
      descended(document, problem, key, first, ...slopes[key]),
    ),
    { key: 'closed', price: cost, evaluations: [cost], left: [left], arrived: cost },
  ];
}

function searched(document: Document, problem: Problem, key: Key, first: number, scale: number) {
  const { w, n } = problem;
  const best = new Float64Array(n);
  const lane = empty(key, 1);
  let lowest = first;
  for (let t = 0; t < document.budget; t++) {
    const drawn = normal(0, SEARCH + t, n);
    for (let i = 0; i < n; i++) w[i] = scale * drawn[i] + (key === 'nearby' ? best[i] : 0);
    const loss = problem.loss();
    if (loss >= lowest) continue;
    lowest = loss;
    best.set(w);
    note(lane, t + 1, loss / first, document.share);
  }
  w.fill(0);
  return lane;
}

function descended(
  document: Document,
  { w, n, loss }: Problem,
  key: Key,
  first: number,
  price: number,
  slopes: () => Float64Array,
): Lane {
  const lane = empty(key, price);
  const rate = document.rates[n - 1];
  let lowest = Infinity;
  // the loss of a place is known when its slopes have been paid for
  for (let step = 1; step * price <= document.budget && lowest > 1e-6; step++) {
    const here = loss() / first;
    if (here < lowest) note(lane, step * price, (lowest = here), document.share);
    const slope = slopes();
    for (let i = 0; i < n; i++) w[i] -= rate * slope[i];
  }
  w.fill(0);
  return lane;
}

const empty = (key: Key, price: number): Lane => ({
  key,
  price,
  evaluations: [],
  left: [],
  arrived: null,
});

function note(lane: Lane, evaluations: number, left: number, share: number): void {
  lane.evaluations.push(evaluations);
  lane.left.push(left);
  if (left <= share) lane.arrived ??= evaluations;
}

/** What is left after so many losses: all of it before the first is known. */
export function leftAt({ evaluations, left }: Lane, now: number): number {
  let found = 1;
  for (let i = 0; i < left.length && evaluations[i] <= now; i++) found = left[i];
  return found;
}
