// What goes into a linked tape: the arrays for its inputs, the sizes they imply, and some of the
// examples at a time.

import { array, count, show } from './array.js';
import { sizeOf } from './format.js';
import type { Tape } from './format.js';
import type { Program } from './tape.js';

export type Given = Parameters<typeof array>[0];
export type Arrays = ReturnType<typeof array>;

/** The arrays of all inputs: parameters from `params`, the others from `data`. */
export function inputArrays(
  tape: Tape,
  data: Readonly<Record<string, Given>>,
  params: Readonly<Record<string, Given>>,
): Map<string, Arrays> {
  const found = new Map<string, Arrays>();
  for (const { name, role } of tape.inputs) {
    const [table, kind] = role === 'parameter' ? [params, 'parameters'] : [data, 'data'];
    if (!Object.hasOwn(table, name))
      throw new Error(`"${name}" is missing from the ${kind} of "${tape.model}"`);
    found.set(name, array(table[name]));
  }
  const extra = [...Object.keys(data), ...Object.keys(params)].find((name) => !found.has(name));
  if (extra !== undefined)
    throw new Error(`unknown input "${extra}", expected one of ${[...found.keys()].join(', ')}`);
  return found;
}

/** The size of every dim, as the arrays have it. */
export function sizesIn(tape: Tape, arrays: ReadonlyMap<string, Arrays>): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const { name, shape: dims } of tape.inputs) {
    const { shape } = arrays.get(name)!;
    const wanted = `"${name}" has shape ${show(shape)}, expected (${dims.join(', ')})`;
    if (shape.length !== dims.length) throw new Error(wanted);
    dims.forEach((dim, axis) => {
      if (!/^\d+$/.test(dim)) sizes[dim] ??= shape[axis];
      const size = sizeOf(dim, sizes);
      if (size !== shape[axis]) throw new Error(`${wanted}, and ${dim} is ${size}`);
    });
  }
  return sizes;
}

/** The dim of the examples: "m" where all data have it, otherwise the one that all share. */
export function sharedDim(tape: Tape): string | undefined {
  const data = tape.inputs.filter(({ role }) => role !== 'parameter');
  const shared = tape.dims.filter(
    (dim) => data.length > 0 && data.every(({ shape }) => shape.includes(dim)),
  );
  return shared.includes('m') ? 'm' : shared.length === 1 ? shared[0] : undefined;
}

/**
 * Fills the data of a program: what does not have the dim of the examples now, and the chosen
 * examples whenever the function returned is called. Without a dim, all is filled now.
 */
export function feeder(
  tape: Tape,
  arrays: ReadonlyMap<string, Arrays>,
  dim: string | undefined,
  program: Program,
): (chosen: Int32Array) => void {
  const parts: { from: Arrays; axis: number; into: Float64Array }[] = [];
  for (const { name, role, shape } of tape.inputs) {
    const from = arrays.get(name)!;
    const axis = dim === undefined ? -1 : shape.indexOf(dim);
    if (role === 'parameter') continue;
    if (axis < 0) program.set(name, from.data);
    else if (shape.lastIndexOf(dim!) === axis)
      parts.push({ from, axis, into: program.value(name) });
    else throw new Error(`"${name}" has ${dim} on two axes: examples cannot be picked from it`);
  }
  return (chosen) => {
    for (const { from, axis, into } of parts) pick(from, axis, chosen, into);
  };
}

/** Copies the chosen entries of an axis, in that order. */
function pick(from: Arrays, axis: number, chosen: Int32Array, into: Float64Array): void {
  const inner = count(from.shape.slice(axis + 1));
  const outer = count(from.shape.slice(0, axis));
  const size = from.shape[axis];
  let at = 0;
  for (let block = 0; block < outer; block++)
    for (let j = 0; j < chosen.length; j++) {
      const start = (block * size + chosen[j]) * inner;
      for (let i = 0; i < inner; i++) into[at++] = from.data[start + i];
    }
}
