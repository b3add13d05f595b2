// What makes the steps of a descent.

import { batches } from '../runtime/batches.js';
import { link } from '../runtime/tape.js';
import type { Tape } from '../runtime/format.js';
import { linked, methodOf } from './problem.js';
import type { Linked, Problem } from './problem.js';
import type { RunChoice } from './state.js';

/** What a step reads and writes, linked once. */
export interface Stepper {
  /** Parameters and accumulators, live. */
  params: Float64Array;
  slots: Record<string, Float64Array>;
  /** Makes step t = 1, 2, ...; returns the loss that it saw, or NaN and changes nothing. */
  step(t: number): number;
}

/** Whether a run sees some of the examples at a time. */
export const isBatched = ({ batchSize }: RunChoice, { m, contract }: Problem) =>
  batchSize !== null && batchSize < m && contract.examples !== null;

export function stepper(problem: Problem, choice: RunChoice, seed: number): Stepper {
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
