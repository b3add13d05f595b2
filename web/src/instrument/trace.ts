// A recorded run: every step of a descent, kept so that any of them can be shown again, exactly. Long runs
// of many parameters are kept at every so many steps and played again from there.

import { batches } from '../runtime/batches.js';
import { link } from '../runtime/tape.js';
import type { Tape } from '../runtime/format.js';
import { linked, methodOf } from './problem.js';
import type { Linked, Problem } from './problem.js';
import type { RunChoice } from './state.js';

/** Numbers that a trace may keep: 32 MB. */
const ROOM = 4_000_000;

export interface Position {
  params: Float64Array;
  slots: Readonly<Record<string, Float64Array>>;
}

export interface Trace {
  choice: RunChoice;
  /** The steps that were made; fewer than asked for where the run diverged. */
  steps: number;
  /** The first step that could not be made, because its loss was no number any more. */
  diverged: number | null;
  /** The loss on all data, before the first step and after each. */
  losses: Float64Array;
  /** The loss that each step saw on its batch; null where a batch is all data. */
  batchLosses: Float64Array | null;
  /** Parameters and accumulators after a step. The arrays are the caller's. */
  at(step: number): Position;
  /** The examples that step `step` + 1 sees; null for all. */
  batch(step: number): Int32Array | null;
}

/** What a step reads and writes, linked once. */
interface Stepper {
  /** Parameters and accumulators, live. */
  params: Float64Array;
  slots: Record<string, Float64Array>;
  /** Makes step t = 1, 2, ...; returns the loss that it saw, or NaN and changes nothing. */
  step(t: number): number;
}

/** Whether a run sees some of the examples at a time. */
const isBatched = ({ batchSize }: RunChoice, { m, contract }: Problem) =>
  batchSize !== null && batchSize < m && contract.examples !== null;

function stepper(problem: Problem, choice: RunChoice, seed: number): Stepper {
  const { layout, m, start } = problem;
  const params = start.slice();
  const wanted = { gradients: layout.map(({ label }) => label) };
  const passes = new Map<number, Linked>();
  const passOf = (size: number | undefined) => {
    const key = size ?? -1;
    if (!passes.has(key)) passes.set(key, linked(problem, wanted, size, params));
    return passes.get(key)!;
  };
  const chosenAt = isBatched(choice, problem) ? batches(seed, m, choice.batchSize!) : null;
  const gradient = new Float64Array(start.length);
  const method = methodOf(problem.contract, choice.method);
  const update = updater(method.tape, method.slots, params, gradient, choice.rate);
  return {
    params,
    slots: update.slots,
    step: (t) => {
      const chosen = chosenAt?.(t - 1);
      const { program, feed } = passOf(chosen?.length);
      if (chosen) feed(chosen);
      program.run();
      const loss = program.loss();
      if (!Number.isFinite(loss)) return NaN;
      for (const { label, start: from } of layout) gradient.set(program.gradient(label), from);
      update.run(t);
      return loss;
    },
  };
}

/** The update tape of a method over all parameters at once, with the learning rate put in. */
export function updater(
  tape: Tape,
  slotNames: readonly string[],
  params: Float64Array,
  gradient: Float64Array,
  rate: number,
) {
  const size = params.length;
  const slots: Record<string, Float64Array> = {};
  for (const name of slotNames) slots[name] = new Float64Array(size);
  const has = (name: string) => tape.inputs.some((input) => input.name === name);
  const vectors: Record<string, Float64Array> = { w: params, dw: gradient, ...slots };
  const shared = Object.fromEntries(Object.entries(vectors).filter(([name]) => has(name)));
  const sizes = Object.fromEntries(tape.dims.map((dim) => [dim, size]));
  const program = link(tape, sizes, shared);
  const moved = Object.entries(vectors).filter(([name]) => Object.hasOwn(tape.gradients, name));
  const results = moved.map(([name, into]) => ({ into, from: program.gradient(name) }));
  // A new value that is an input as it was must be read before that is overwritten.
  const inputs = new Set(Object.values(vectors));
  const copies = results.map(({ from }) => (inputs.has(from) ? new Float64Array(size) : null));
  if (has('alpha')) program.set('alpha', rate);
  const run = (t: number, write = true) => {
    if (has('t')) program.set('t', t);
    if (has('norm')) program.set('norm', Math.sqrt(gradient.reduce((s, x) => s + x * x, 0)));
    program.run();
    if (!write) return;
    results.forEach(({ from }, i) => copies[i]?.set(from));
    results.forEach(({ into, from }, i) => into.set(copies[i] ?? from));
  };
  return { slots, program, run };
}

/** Runs a descent from the problem's start and keeps it. */
export function record(problem: Problem, choice: RunChoice, wanted: number, seed: number): Trace {
  const machine = stepper(problem, choice, seed);
  const vectors = [machine.params, ...Object.values(machine.slots)];
  const size = machine.params.length;
  const width = size * vectors.length;
  const every = Math.max(1, Math.ceil((width * (wanted + 1)) / ROOM));
  const kept = new Float64Array(width * (Math.floor(wanted / every) + 1));
  const save = (step: number) =>
    vectors.forEach((v, i) => kept.set(v, (step / every) * width + i * size));
  const batched = isBatched(choice, problem);
  const whole = linked(problem, {}, undefined, machine.params);
  const lossNow = () => {
    whole.program.run();
    return whole.program.loss();
  };
  const losses: number[] = [];
  const seen: number[] = [];
  let diverged: number | null = null;
  save(0);
  for (let t = 1; t <= wanted && diverged === null; t++) {
    if (batched) losses.push(lossNow());
    const loss = machine.step(t);
    if (Number.isNaN(loss)) {
      diverged = t;
      if (!batched) losses.push(lossNow());
      break;
    }
    (batched ? seen : losses).push(loss);
    if (t % every === 0) save(t);
  }
  if (diverged === null) losses.push(lossNow());
  const steps = losses.length - 1;
  const names = Object.keys(machine.slots);
  const chosenAt = batched ? batches(seed, problem.m, choice.batchSize!) : null;
  const restore = (from: Float64Array, step: number) =>
    vectors.forEach((v, i) => {
      const at = (step / every) * width + i * size;
      v.set(from.subarray(at, at + size));
    });
  return {
    choice,
    steps,
    diverged,
    losses: Float64Array.from(losses),
    batchLosses: batched ? Float64Array.from(seen) : null,
    at: (step) => {
      const now = Math.min(Math.max(Math.round(step), 0), steps);
      const from = Math.floor(now / every) * every;
      restore(kept, from);
      for (let t = from + 1; t <= now; t++) machine.step(t);
      const slots = Object.fromEntries(names.map((name) => [name, machine.slots[name].slice()]));
      return { params: machine.params.slice(), slots };
    },
    batch: (step) => chosenAt?.(step).slice() ?? null,
  };
}

/** Everything that is computed at one point: all values and gradients, by the names of the rows. */
export interface Snapshot {
  arrays: ReadonlyMap<string, { shape: readonly number[]; data: Float64Array }>;
  loss: number;
  /** The examples that it was computed on; null for all. */
  batch: Int32Array | null;
}

/** A function that computes all values and gradients at a point. */
export function camera(
  problem: Problem,
): (params: Float64Array, batch?: Int32Array | null) => Snapshot {
  const { tape, layout, data, contract } = problem;
  const programs = new Map<number, Linked>();
  return (params, batch = null) => {
    const key = batch?.length ?? -1;
    if (!programs.has(key)) programs.set(key, linked(problem, tape, batch?.length));
    const { program, params: own, feed } = programs.get(key)!;
    own.set(params);
    if (batch) feed(batch);
    program.run();
    const arrays = new Map<string, { shape: readonly number[]; data: Float64Array }>();
    const keep = (label: string, shape: readonly number[], values: Float64Array) =>
      arrays.set(label, { shape, data: values.slice() });
    for (const label of Object.keys(data)) keep(label, program.shape(label), program.value(label));
    for (const { label, shape, start, size } of layout)
      keep(label, shape, params.subarray(start, start + size));
    for (const label of Object.keys(tape.names))
      keep(label, program.shape(label), program.value(label));
    for (const label of Object.keys(tape.gradients))
      keep(`d${label}`, arrays.get(label)?.shape ?? [], program.gradient(label));
    const loss = program.loss();
    const name = contract.values.find(({ kind }) => kind === 'loss')?.label;
    if (name && !arrays.has(name)) keep(name, [], Float64Array.of(loss));
    return { arrays, loss, batch };
  };
}
