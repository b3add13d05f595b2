// Descents on the terrain that Python prepared: a gradient tape, the tape of an update rule whose settings stay open,
// every step kept. Knows no rule by name.

import type { Contract } from '../../contract.js';
import { linked } from '../../instrument/problem.js';
import type { Part, Problem } from '../../instrument/problem.js';
import { batches } from '../../runtime/batches.js';
import type { Tape } from '../../runtime/format.js';
import { link } from '../../runtime/tape.js';
import type { Program } from '../../runtime/tape.js';

/** Written by src/chainrule/course/notes/optimizer_methods.py. */
export interface Method {
  key: string;
  title: string;
  slots: string[];
  /** Settings that are arguments of the tape, with their defaults. */
  free: Record<string, number>;
  tape: Tape;
  phases: { target: string; mathml: string; numpy: string }[];
  /** Who does it otherwise, and where it comes from. */
  differs: string;
  source: string;
  code: { numpy: string; jax: string; torch: string };
}

/** Written by src/chainrule/course/notes/optimizer_terrain.py. */
export interface TerrainDocument {
  key: string;
  title: string;
  model: string;
  data: Record<string, { shape: number[]; data: number[] }>;
  columns: string[];
  /** Of each column: what it was standardised by; null where it is as it was. */
  units: ({ mean: number; deviation: number } | null)[];
  examples: string | null;
  layout: Part[];
  start: number[];
  tape: Tape;
  mathml: string;
  axes: string[];
  view: [[number, number], [number, number]] | null;
  optimum: number[] | null;
  spectrum: number[] | null;
}

export interface Terrain extends TerrainDocument {
  problem: Problem;
  m: number;
}

export function terrainOf(document: TerrainDocument): Terrain {
  const data = Object.fromEntries(
    Object.entries(document.data).map(([label, { shape, data: values }]) => [
      label,
      { shape, data: Float64Array.from(values) },
    ]),
  );
  const shapes: Record<string, number[]> = {};
  for (const [label, { shape }] of Object.entries(data)) shapes[label] = shape;
  for (const { label, shape } of document.layout) shapes[label] = shape;
  const sizes: Record<string, number> = {};
  for (const { name, shape } of document.tape.inputs)
    shape.forEach((dim, axis) => {
      if (!/^\d+$/.test(dim)) sizes[dim] ??= shapes[name][axis];
    });
  const m = document.examples === null ? 1 : sizes[document.examples];
  // What a problem is to `linked`: it reads no more of a contract than the dim of the examples.
  const problem = {
    contract: { examples: document.examples } as Contract,
    tape: document.tape,
    data,
    sizes,
    m,
    layout: document.layout,
    start: Float64Array.from(document.start),
  } as unknown as Problem;
  return { ...document, problem, m };
}

export interface Choice {
  method: Method;
  rate: number;
  /** Settings that differ from the defaults. */
  free?: Record<string, number>;
  batch?: number | null;
}

/** The update of a method on a vector: `run(t)` makes it, `after` holds what it gives until `keep` writes it back. */
export interface Update {
  vectors: Record<string, Float64Array>;
  program: Program;
  run(t: number): void;
  keep(): void;
}

export function updateOf({ method, rate, free }: Choice, size: number): Update {
  const { tape, slots } = method;
  const vectors: Record<string, Float64Array> = {};
  for (const name of ['w', 'dw', ...slots]) vectors[name] = new Float64Array(size);
  const has = (name: string) => tape.inputs.some((input) => input.name === name);
  const shared = Object.fromEntries(Object.entries(vectors).filter(([name]) => has(name)));
  const program = link(tape, Object.fromEntries(tape.dims.map((dim) => [dim, size])), shared);
  const settings: Record<string, number> = { ...method.free, ...free, alpha: rate };
  for (const [name, value] of Object.entries(settings)) if (has(name)) program.set(name, value);
  const moves = ['w', ...slots].map((name) => ({
    into: vectors[name],
    from: program.gradient(name),
    copy: new Float64Array(size),
  }));
  return {
    vectors,
    program,
    run: (t) => {
      if (has('t')) program.set('t', t);
      if (has('norm')) program.set('norm', Math.hypot(...vectors.dw));
      program.run();
    },
    keep: () => {
      for (const { from, copy } of moves) copy.set(from);
      for (const { into, copy } of moves) into.set(copy);
    },
  };
}

/** A recorded descent. */
export interface Run {
  choice: Choice;
  /** The steps made; fewer than asked for where the loss was no number any more. */
  steps: number;
  diverged: boolean;
  /** Loss on all data before the first step and after each. */
  losses: Float64Array;
  /** Gradient evaluations, in passes over the data, before each of the steps and at the end. */
  cost: Float64Array;
  params(step: number): Float64Array;
  /** An accumulator after a step; "dw" is the gradient that led there. */
  slot(name: string, step: number): Float64Array;
  /** The largest size of an accumulator, or of the gradient "dw", in the whole run. */
  largest(name: string): number;
  /** The examples that step `step` + 1 sees; null for all. */
  batch(step: number): Int32Array | null;
}

/** Runs so many steps and keeps them all. */
export function descend(
  terrain: Terrain,
  choice: Choice,
  wanted: number,
  seed = 0,
  start: Float64Array = terrain.problem.start,
): Run {
  const { problem, m } = terrain;
  const size = start.length;
  const update = updateOf(choice, size);
  const { w, dw } = update.vectors;
  w.set(start);
  const names = { gradients: problem.layout.map(({ label }) => label) };
  const whole = linked(problem, names, undefined, w);
  const small = choice.batch != null && choice.batch < m && problem.contract.examples !== null;
  const chosenAt = small ? batches(seed, m, choice.batch!) : null;
  const passes = new Map<number, ReturnType<typeof linked>>();
  const gradient = (t: number) => {
    const chosen = chosenAt?.(t - 1);
    let pass = whole;
    if (chosen) {
      if (!passes.has(chosen.length)) passes.set(chosen.length, linked(problem, names, chosen.length, w)); // prettier-ignore
      pass = passes.get(chosen.length)!;
      pass.feed(chosen);
      pass.program.run();
    }
    for (const { label, start: at } of problem.layout) dw.set(pass.program.gradient(label), at);
    return chosen ? chosen.length / m : 1;
  };
  const kept = Object.fromEntries(
    ['w', 'dw', ...choice.method.slots].map((name) => [
      name,
      new Float64Array(size * (wanted + 1)),
    ]),
  );
  const losses: number[] = [];
  const cost: number[] = [0];
  let diverged = false;
  for (let t = 0; ; t++) {
    whole.program.run();
    const loss = whole.program.loss();
    if (!Number.isFinite(loss)) {
      diverged = true;
      cost.pop();
      break;
    }
    losses.push(loss);
    for (const [name, all] of Object.entries(kept)) all.set(update.vectors[name], t * size);
    if (t === wanted) break;
    cost.push(cost[t] + gradient(t + 1));
    update.run(t + 1);
    update.keep();
  }
  const clamp = (step: number) => Math.min(Math.max(Math.round(step), 0), losses.length - 1);
  const slice = (name: string, step: number) =>
    kept[name].slice(clamp(step) * size, (clamp(step) + 1) * size);
  return {
    choice,
    steps: losses.length - 1,
    diverged,
    losses: Float64Array.from(losses),
    cost: Float64Array.from(cost),
    params: (step) => slice('w', step),
    slot: slice,
    largest: (name) =>
      kept[name]
        .subarray(0, losses.length * size)
        .reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    batch: (step) => chosenAt?.(step).slice() ?? null,
  };
}

/** The rates that `tuned` tries: 1, 2 and 5 times the powers of ten. */
export const RATES = [-4, -3, -2, -1, 0, 1].flatMap((power) =>
  [1, 2, 5].map((digit) => Number(`${digit}e${power}`)),
);

/** The rate of all RATES with the lowest loss within a budget of passes over the data. */
export function tuned(
  terrain: Terrain,
  choice: Omit<Choice, 'rate'>,
  budget: number,
  start?: Float64Array,
): number {
  let best = RATES[0];
  let lowest = Infinity;
  const steps = stepsFor(terrain, choice.batch ?? null, budget);
  for (const rate of RATES) {
    // a decay that does the descent's work by itself would win wherever the lowest point is at zero
    if (rate * (choice.free?.weight_decay ?? choice.method.free.weight_decay ?? 0) > 0.02) continue;
    const run = descend(terrain, { ...choice, rate }, steps, 0, start);
    const last = run.losses[run.steps];
    if (!run.diverged && last < lowest) [best, lowest] = [rate, last];
  }
  return best;
}

/** How many steps a budget of passes over the data buys. */
export function stepsFor({ m }: Terrain, batch: number | null, budget: number): number {
  return batch === null || batch >= m ? budget : budget * Math.ceil(m / batch);
}

/** What one step does inside: the value of every phase, and of each accumulator what it kept and what came in. */
export interface Inside {
  gradient: Float64Array;
  before: Float64Array;
  /** In the order of the method's phases; the last is the new w. */
  phases: Float64Array[];
  slots: Record<string, { old: Float64Array; kept: Float64Array; added: Float64Array; now: Float64Array }>; // prettier-ignore
}

export function inside(terrain: Terrain, run: Run, step: number): Inside {
  const { problem } = terrain;
  const { method } = run.choice;
  const before = run.params(step);
  const chosen = run.batch(step);
  const pass = linked(problem, { gradients: problem.layout.map(({ label }) => label) }, chosen?.length, before); // prettier-ignore
  if (chosen) pass.feed(chosen);
  pass.program.run();
  const gradient = new Float64Array(before.length);
  for (const { label, start } of problem.layout) gradient.set(pass.program.gradient(label), start);
  const update = updateOf(run.choice, before.length);
  const old = Object.fromEntries(method.slots.map((name) => [name, run.slot(name, step)]));
  const at = (slots: boolean, slope: boolean): Record<string, Float64Array> => {
    update.vectors.w.set(before);
    update.vectors.dw.set(slope ? gradient : new Float64Array(before.length));
    for (const name of method.slots)
      update.vectors[name].set(slots ? old[name] : new Float64Array(before.length));
    update.run(step + 1);
    return Object.fromEntries(['w', ...method.slots].map((name) => [name, update.program.gradient(name).slice()])); // prettier-ignore
  };
  // Where w is written twice, as with decoupled decay, the first is what is left without any gradient.
  const decayed = at(false, false).w;
  // An accumulator is a sum: what it makes of its past alone, and of this gradient alone.
  const [kept, added, now] = [at(true, false), at(false, true), at(true, true)];
  const { tape } = method;
  const phases = method.phases.map(({ target }, k) => {
    const again = method.phases.some((phase, i) => i > k && phase.target === target);
    const { program } = update;
    const values = again
      ? decayed
      : Object.hasOwn(tape.gradients, target)
        ? program.gradient(target)
        : program.value(target);
    return values.length === before.length
      ? values.slice()
      : new Float64Array(before.length).fill(values[0]);
  });
  const slots = Object.fromEntries(
    method.slots.map((name) => [
      name,
      { old: old[name], kept: kept[name], added: added[name], now: now[name] },
    ]),
  );
  return { gradient, before, phases, slots };
}

/** The largest size that each phase of a method takes in a run. */
export function phaseSizes(run: Run): Record<string, number> {
  const { method } = run.choice;
  const update = updateOf(run.choice, run.params(0).length);
  const { gradients, names } = method.tape;
  const sizes: Record<string, number> = {};
  for (let step = 0; step < run.steps; step++) {
    update.vectors.w.set(run.params(step));
    update.vectors.dw.set(run.slot('dw', step + 1));
    for (const slot of method.slots) update.vectors[slot].set(run.slot(slot, step));
    update.run(step + 1);
    for (const { target } of method.phases) {
      const values = Object.hasOwn(gradients, target)
        ? update.program.gradient(target)
        : Object.hasOwn(names, target)
          ? update.program.value(target)
          : [];
      for (const x of values) sizes[target] = Math.max(sizes[target] ?? 0, Math.abs(x));
    }
  }
  return sizes;
}

/** The largest growth of (w, state) in a step, for each curvature: the spectral radius of the update's own matrix. */
export function growth(choice: Choice, curvatures: readonly number[]): Float64Array {
  const update = updateOf(choice, curvatures.length);
  return growths(update, choice.method.slots[0], curvatures);
}

function growths(update: Update, slot: string | undefined, curvatures: readonly number[]) {
  const { w, dw } = update.vectors;
  const column = (here: number, velocity: number) => {
    w.fill(here);
    curvatures.forEach((curvature, i) => (dw[i] = curvature * here));
    if (slot) update.vectors[slot].fill(velocity);
    update.run(1);
    return ['w', ...(slot ? [slot] : [])].map((name) => update.program.gradient(name).slice());
  };
  const first = column(1, 0);
  if (!slot) return first[0].map(Math.abs);
  const second = column(0, 1);
  return Float64Array.from(curvatures, (_, i) =>
    radius(first[0][i], second[0][i], first[1][i], second[1][i]),
  );
}

/** The larger size of the two eigenvalues of [[a, b], [c, d]]. */
export function radius(a: number, b: number, c: number, d: number): number {
  const [half, determinant] = [(a + d) / 2, a * d - b * c];
  const inner = half * half - determinant;
  return inner < 0 ? Math.sqrt(determinant) : Math.abs(half) + Math.sqrt(inner);
}

/**
 * The slowest growth over all curvatures on a grid of rates (columns) and momenta (rows). The rate and the curvature come in
 * as a product alone, for each of these rules is linear in the gradient: so a row is one run on as many curvatures.
 */
export function growthMap(
  method: Method,
  curvatures: readonly number[],
  rates: readonly number[],
  momenta: readonly number[],
): Float64Array {
  const all = rates.flatMap((rate) => curvatures.map((curvature) => rate * curvature));
  const update = updateOf({ method, rate: 1 }, all.length);
  const found = new Float64Array(rates.length * momenta.length);
  momenta.forEach((momentum, j) => {
    update.program.set('momentum', momentum);
    growths(update, method.slots[0], all).forEach((radius, k) => {
      const at = j * rates.length + Math.floor(k / curvatures.length);
      found[at] = Math.max(found[at], radius);
    });
  });
  return found;
}

/** The gradient of each of some examples, all parameters in a row. */
export { ownGradients } from '../../instrument/examples.js';

/** The loss on all data at some parameters. */
export function lossAt({ problem }: Terrain, params: Float64Array): number {
  const { program } = linked(problem, {}, undefined, params.slice());
  program.run();
  return program.loss();
}

/** How far two runs are from each other after every step that both made. */
export function apart(one: Run, other: Run): Float64Array {
  return Float64Array.from({ length: Math.min(one.steps, other.steps) + 1 }, (_, k) => {
    const [a, b] = [one.params(k), other.params(k)];
    return Math.hypot(...a.map((x, i) => x - b[i]));
  });
}
