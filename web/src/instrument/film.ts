// Where a descent was after its steps. Long runs of many parameters are kept at every so many steps and played again
// from there.

import type { Stepper } from './stepper.js';

/** Numbers that may be kept: 32 MB. */
const ROOM = 4_000_000;

/** Parameters and accumulators after a step. */
export interface Position {
  params: Float64Array;
  slots: Readonly<Record<string, Float64Array>>;
}

/** Films a machine that makes `wanted` steps; `another` one plays again what was not kept. */
export function filmOf(machine: Stepper, wanted: number, another: () => Stepper) {
  const size = machine.params.length;
  const names = Object.keys(machine.slots);
  const vectorsOf = ({ params, slots }: Position) => [params, ...names.map((name) => slots[name])];
  const width = size * (1 + names.length);
  const every = Math.max(1, Math.ceil((width * (wanted + 1)) / ROOM));
  const film = new Float64Array(width * (Math.floor(wanted / every) + 1));
  const frame = (step: number, i: number) => {
    const at = (step / every) * width + i * size;
    return film.subarray(at, at + size);
  };
  const save = (step: number) => {
    if (step % every === 0) vectorsOf(machine).forEach((v, i) => frame(step, i).set(v));
  };
  save(0);
  let player: Stepper | null = null;
  let played = 0;
  /** Plays from the last step kept, or from the one that was played last where that is nearer. */
  function play(step: number): Float64Array[] {
    const from = step - (step % every);
    player ??= another();
    const vectors = vectorsOf(player);
    if (played < from || played > step) vectors.forEach((v, i) => v.set(frame((played = from), i)));
    while (played < step) player.step(++played);
    return vectors;
  }
  const at = (step: number): Position => {
    const found = step % every ? play(step) : vectorsOf(machine).map((_, i) => frame(step, i));
    const [params, ...slots] = found.map((v) => v.slice());
    return { params, slots: Object.fromEntries(names.map((name, i) => [name, slots[i]])) };
  };
  return { every, save, at };
}
