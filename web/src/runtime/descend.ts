// The descent: a gradient tape and the update tape of an optimizer, step by step. The update runs
// once on the vector of all parameters. Knows no optimizer by name.

import { batches } from './batches.js';
import { feeder, inputArrays, sharedDim, sizesIn } from './feed.js';
import type { Arrays, Given } from './feed.js';
import type { Sizes, Tape } from './format.js';
import { link } from './tape.js';

export interface Settings {
  /** Loss and gradients of the parameters. */
  gradientTape: Tape;
  /** From w, dw, the state, t (1, 2, ...) and norm (of dw): new w and state, as its gradients. */
  updateTape: Tape;
  data: Readonly<Record<string, Given>>;
  /** The start; it is copied. */
  params: Readonly<Record<string, Given>>;
  /** How many examples a step sees; all of them, in their order, if not given. */
  batchSize?: number | null;
  /** Chooses the batches. */
  seed?: number;
  /** The dim of the examples; "m", or the only one that all data share, if not given. */
  examplesDim?: string;
}

/** Stands for a scalar that an update does not read. */
const ZERO = new Float64Array(1);

type Views = Readonly<Record<string, Float64Array>>;

/** A descent in progress. Its arrays are live: each step overwrites them. */
export interface Descent {
  /** Makes one step; returns the loss before it, on the examples of the step. */
  step(): number;
  /** Makes so many steps; returns the loss that each saw. */
  run(steps: number): Float64Array;
  /** By name, row-major. */
  readonly params: Views;
  /** By slot, then by parameter. */
  readonly state: Readonly<Record<string, Views>>;
  /** The steps made. */
  readonly t: number;
}

/** A loss that is not finite. Its step was not made: parameters and state are as before it. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
  readonly step: number;
  readonly loss: number;

  constructor(step: number, loss: number) {
    super(`the descent diverged: the loss of step ${step} is ${loss}; try a smaller learning rate`);
    this.step = step;
    this.loss = loss;
  }
}

/** Prepares a descent; tapes are linked here, once for each size of batch, and never in a step. */
export function descent(settings: Settings): Descent {
  const { gradientTape: tape, updateTape, data, params } = settings;
  const arrays = inputArrays(tape, data, params);
  const trained = tape.inputs.filter(({ role }) => role === 'parameter').map(({ name }) => name);
  const starts = trained.map((name) => arrays.get(name)!.data);
  const size = starts.reduce((sum, { length }) => sum + length, 0);
  /** The parts of a vector of all parameters. */
  const split = (vector: Float64Array): Views => {
    let end = 0;
    return Object.fromEntries(
      trained.map((name, i) => [name, vector.subarray(end, (end += starts[i].length))]),
    );
  };
  const slots = stateSlots(updateTape);
  const vectors = new Map(['w', 'dw', ...slots].map((name) => [name, new Float64Array(size)]));
  const views = split(vectors.get('w')!);
  trained.forEach((name, i) => views[name].set(starts[i]));
  const slope = linkSlope(settings, arrays, views);
  const gradient = Object.values(split(vectors.get('dw')!));
  const update = linkUpdate(updateTape, size, vectors);
  let t = 0;
  const step = () => {
    const found = slope(t);
    const loss = found.loss();
    if (!Number.isFinite(loss)) throw new DivergenceError(t + 1, loss);
    for (let i = 0; i < gradient.length; i++) gradient[i].set(found.gradients[i]);
    update(++t);
    return loss;
  };
  return {
    step,
    run: (steps) => Float64Array.from({ length: steps }, step),
    params: views,
    state: Object.fromEntries(slots.map((slot) => [slot, split(vectors.get(slot)!)])),
    get t() {
      return t;
    },
  };
}

/** Loss and gradients, in the order of the parameters, where a pass has left them. */
interface Slope {
  loss: () => number;
  gradients: Float64Array[];
}

/** A function that runs the gradient tape on the examples of step t = 0, 1, ... */
function linkSlope(
  { gradientTape: tape, batchSize, seed = 0, examplesDim }: Settings,
  arrays: ReadonlyMap<string, Arrays>,
  params: Views,
): (t: number) => Slope {
  const sizes = sizesIn(tape, arrays);
  const dim = examplesDim ?? sharedDim(tape);
  const linked = (changed: Sizes, examples?: string) => {
    const program = link(tape, { ...sizes, ...changed }, params);
    const gradients = Object.keys(params).map(program.gradient);
    const feed = feeder(tape, arrays, examples, program);
    return { run: program.run, loss: program.loss, gradients, feed };
  };
  const m = dim === undefined ? undefined : sizes[dim];
  if (batchSize == null || (m !== undefined && batchSize >= m)) {
    const all = linked({});
    return () => {
      all.run();
      return all;
    };
  }
  if (dim === undefined || m === undefined)
    throw new Error(
      `batches need a dim that all data share: give examplesDim, one of ${tape.dims}`,
    );
  const examples = batches(seed, m, batchSize);
  const full = linked({ [dim]: batchSize }, dim);
  const short = m % batchSize === 0 ? full : linked({ [dim]: m % batchSize }, dim);
  return (t) => {
    const chosen = examples(t);
    const pass = chosen.length === batchSize ? full : short;
    pass.feed(chosen);
    pass.run();
    return pass;
  };
}

/** The inputs of an update that are kept from step to step, besides w. */
function stateSlots(tape: Tape): string[] {
  const others = ['w', 'dw', 't', 'norm'];
  return tape.inputs.map(({ name }) => name).filter((name) => !others.includes(name));
}

/** A function that makes the update of step t = 1, 2, ... in the vectors. */
function linkUpdate(
  tape: Tape,
  size: number,
  vectors: ReadonlyMap<string, Float64Array>,
): (t: number) => void {
  const has = (name: string) => tape.inputs.some((input) => input.name === name);
  const shared = Object.fromEntries([...vectors].filter(([name]) => has(name)));
  const program = link(tape, Object.fromEntries(tape.dims.map((dim) => [dim, size])), shared);
  const kept = [...vectors].filter(([name]) => name !== 'dw');
  const moves = kept.map(([name, into]) => ({ into, from: program.gradient(name) }));
  // A new value that is an input as it was must be read before that is overwritten.
  const inputs = new Set(vectors.values());
  const early = moves.filter(({ from }) => inputs.has(from));
  const copies = early.map(({ from }) => ({ from, into: new Float64Array(size) }));
  early.forEach((move, i) => (move.from = copies[i].into));
  const [dw, t, norm] = ['dw', 't', 'norm'].map((name) => (has(name) ? program.value(name) : ZERO));
  const all = [...copies, ...moves];
  return (step) => {
    t[0] = step;
    if (norm !== ZERO) norm[0] = Math.sqrt(dw.reduce((sum, x) => sum + x * x, 0));
    program.run();
    for (let i = 0; i < all.length; i++) all[i].into.set(all[i].from);
  };
}
