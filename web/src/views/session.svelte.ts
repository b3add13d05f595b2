// What an instrument holds: its state and what it means (the problem, the run, the numbers of the step that is
// shown), and what a reader does to it.

import { untrack } from 'svelte';
import type { Contract } from '../contract.js';
import { add, baseRows, columns as columnsOf, examplesOf, givenRows, isUnchanged, move, remove } from '../instrument/data.js'; // prettier-ignore
import type { Edits } from '../instrument/data.js';
import { contributions } from '../instrument/examples.js';
import { asStart, methodOf, problemOf, variantOf } from '../instrument/problem.js';
import { camera } from '../instrument/snapshot.js';
import type { State } from '../instrument/state.js';
import { recorder } from '../instrument/trace.js';
import { recorded } from './recorded.svelte.js';

export type Session = ReturnType<typeof sessionOf>;

export function sessionOf(contract: Contract, start: State) {
  let s = $state.raw(start);
  const set = (change: Partial<State>) => (s = { ...s, ...change });
  const edits = $derived(s.edits);
  const seed = $derived(s.seed);
  const startParams = $derived(s.start);
  const convention = $derived(s.convention);
  const layoutOfExamples = $derived(s.examples);
  const method = $derived(s.method);
  const rate = $derived(s.rate);
  const batchSize = $derived(s.batchSize);
  const steps = $derived(s.steps);
  const kept = $derived(s.kept);

  const given = givenRows(contract);
  const ownColumns = $derived(edits.own?.columns ?? null);
  const columns = $derived(
    columnsOf(contract).map((one, k) => (ownColumns ? { ...one, name: ownColumns[k].name } : one)),
  );
  /** The data as a reader knows them: names and units are those of their own table, if they brought one. */
  const known = $derived(
    ownColumns && edits.own
      ? {
          ...contract.data,
          name: edits.own.name,
          units: Object.fromEntries(ownColumns.map((c) => [c.name, c])),
        }
      : contract.data,
  );
  const base = $derived(baseRows(given, edits));
  const examples = $derived(examplesOf(given, edits));
  const variant = $derived(variantOf(contract, { convention, examples: layoutOfExamples }));
  const problem = $derived(problemOf(contract, variant, examples, seed, startParams));
  // While a slider or a point is held, a run is recorded as far as there is time for.
  let held = $state.raw(false);
  const run = recorded(() => recorder(problem, { method, rate, batchSize }, steps, seed), () => held, () => s.step); // prettier-ignore
  const other = recorded(() => kept && recorder(problem, kept, steps, seed), () => held, () => s.step); // prettier-ignore
  const trace = $derived(run.trace!);
  const keptTrace = $derived(other.trace);
  const recording = $derived(!run.done || !other.done);
  const step = $derived(Math.min(s.step, trace.steps));
  const position = $derived(trace.at(step));
  const shoot = $derived(camera(problem));
  const batch = $derived(trace.batch(step));
  const snapshot = $derived(shoot(position.params, batch));
  const whole = $derived(batch ? shoot(position.params, null) : snapshot);
  const loss = $derived(trace.losses[step]);
  const own = $derived(
    problem.m > 0 && problem.m <= 3000 && contract.examples !== null
      ? contributions(problem, position.params, loss)
      : null,
  );
  const chosenMethod = $derived(methodOf(contract, method));
  /** The optimum that Python computed holds for the data, the convention and the layout it was computed for. */
  const isAsGiven = $derived(isUnchanged(edits) && variant === contract.variants[0]);
  const facts = $derived(isAsGiven ? contract.facts : null);

  // While something moves, pictures may be drawn coarsely.
  let moving = $state.raw(false);
  let still: ReturnType<typeof setTimeout>;
  function busy() {
    moving = true;
    clearTimeout(still);
    still = setTimeout(release, 160);
  }
  function hold() {
    held = true;
    busy();
  }
  function release() {
    clearTimeout(still);
    held = false;
    moving = false;
  }
  const edit = (next: Edits) => {
    hold();
    set({ edits: next });
  };
  const toStep = (to: number) => set({ step: Math.min(Math.max(Math.round(to), 0), trace.steps) });

  let playing = $state.raw(false);
  function play() {
    if (playing) return void (playing = false);
    if (step >= trace.steps) toStep(0);
    playing = true;
  }
  $effect(() => {
    if (!playing) return;
    let last = performance.now();
    let owed = 0;
    let frame = requestAnimationFrame(function next(now) {
      owed += ((now - last) * s.speed) / 1000;
      last = now;
      const whole = Math.floor(owed);
      if (whole > 0) {
        owed -= whole;
        untrack(() => {
          busy();
          toStep(step + whole);
          if (step >= trace.steps && !recording) playing = false;
        });
      }
      if (playing) frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  });

  return {
    contract,
    lossName: contract.values.find(({ kind }) => kind === 'loss')?.label ?? 'L',
    get s() { return s; },
    get columns() { return columns; },
    get known() { return known; },
    get base() { return base; },
    get examples() { return examples; },
    get variant() { return variant; },
    get problem() { return problem; },
    get trace() { return trace; },
    get keptTrace() { return keptTrace; },
    /** Whether steps are still being recorded. */
    get recording() { return recording; },
    get step() { return step; },
    get position() { return position; },
    get batch() { return batch; },
    /** All numbers at the step, on its batch; and on all data. */
    get snapshot() { return snapshot; },
    get whole() { return whole; },
    get loss() { return loss; },
    get own() { return own; },
    get method() { return chosenMethod; },
    get facts() { return facts; },
    get moving() { return moving; },
    get playing() { return playing; },
    go(state: State) {
      playing = false;
      s = state;
    },
    set,
    has: (name: string) => !s.locks.includes(name),
    hold,
    release,
    edit,
    move: (key: string, row: number[]) => edit(move(edits, key, row)),
    add: (row: number[]) => edit(add(edits, row)),
    remove: (key: string) => edit(remove(edits, key)),
    play,
    toStep: (to: number) => {
      playing = false;
      toStep(to);
    },
    /** Starts the descent at a point. */
    restart(point: Float64Array) {
      playing = false;
      set({ start: asStart(problem, point), step: 0 });
    },
    toggle: (target: string) =>
      set({
        open: s.open.includes(target) ? s.open.filter((t) => t !== target) : [...s.open, target],
      }),
  }; // prettier-ignore
}
