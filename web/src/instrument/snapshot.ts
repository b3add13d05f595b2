// Everything that is computed at one point.

import { linked } from './problem.js';
import type { Linked, Problem } from './problem.js';

/** All values and gradients at a point, by the names of the rows. */
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
