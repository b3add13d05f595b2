// A recorded run: every step of a descent, kept so that any of them can be shown again, exactly.

import { batches } from '../runtime/batches.js';
import { filmOf } from './film.js';
import type { Position } from './film.js';
import { linked } from './problem.js';
import type { Problem } from './problem.js';
import type { RunChoice } from './state.js';
import { isBatched, stepper } from './stepper.js';

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
  /** Every how many steps are kept; others are played again. */
  every: number;
  /** The examples that step `step` + 1 sees; null for all. */
  batch(step: number): Int32Array | null;
}

/** A run that is recorded bit by bit: a step of a large model takes long. */
export interface Recording {
  /** Whether there is no step left to make. */
  readonly done: boolean;
  readonly steps: number;
  /** Makes steps while it may, at least one if there is one left. */
  go(may: () => boolean): void;
  /** What is recorded so far. */
  trace(): Trace;
}

/** Runs a descent from the problem's start and keeps it. */
export function record(problem: Problem, choice: RunChoice, wanted: number, seed: number): Trace {
  const recording = recorder(problem, choice, wanted, seed);
  recording.go(() => true);
  return recording.trace();
}

export function recorder(
  problem: Problem,
  choice: RunChoice,
  wanted: number,
  seed: number,
): Recording {
  const machine = stepper(problem, choice, seed);
  const film = filmOf(machine, wanted, () => stepper(problem, choice, seed));
  const batched = isBatched(choice, problem);
  const whole = linked(problem, {}, undefined, machine.params);
  const lossNow = () => {
    whole.program.run();
    return whole.program.loss();
  };
  const losses = new Float64Array(wanted + 1);
  const seen = batched ? new Float64Array(wanted) : null;
  const chosenAt = batched ? batches(seed, problem.m, choice.batchSize!) : null;
  let steps = 0;
  let diverged: number | null = null;
  const isDone = () => steps === wanted || diverged !== null;
  const step = () => {
    if (batched) losses[steps] = lossNow();
    const loss = machine.step(steps + 1);
    if (Number.isNaN(loss)) return void (diverged = steps + 1);
    (seen ?? losses)[steps++] = loss;
    film.save(steps);
  };
  return {
    get done() { return isDone(); },
    get steps() { return steps; },
    go: (may) => {
      if (!isDone()) do step(); while (!isDone() && may());
    },
    trace: () => {
      losses[steps] = lossNow();
      const last = steps;
      return {
        choice,
        steps: last,
        diverged,
        every: film.every,
        losses: losses.subarray(0, last + 1),
        batchLosses: seen && seen.subarray(0, last),
        at: (step) => film.at(Math.min(Math.max(Math.round(step), 0), last)),
        batch: (step) => chosenAt?.(step).slice() ?? null,
      };
    },
  }; // prettier-ignore
}
