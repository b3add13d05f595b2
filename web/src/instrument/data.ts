// The data of an instrument as rows, one an example, so that a reader can move, add and remove them; and
// back to arrays in the layout of a model.

import { array, count } from '../runtime/array.js';
import type { Contract, Nested } from '../contract.js';
import type { OwnColumn } from './table.js';

export interface NDArray {
  shape: number[];
  data: Float64Array;
}

/** What a reader changed. Numbers are those of the model (standardised, where the contract is). */
export interface Edits {
  /** Rows in place of the contract's, in their reader's units, with what makes them the model's. */
  own: { name: string; columns: OwnColumn[]; rows: number[][] } | null;
  moved: { at: number; row: number[] }[];
  removed: number[];
  added: number[][];
}

export const UNCHANGED: Edits = { own: null, moved: [], removed: [], added: [] };

export interface Column {
  label: string; // of the array
  entry: number; // which of the array's numbers for an example
  name: string; // as a reader knows it
}

/** The data arrays with an axis of examples, and that axis. */
function parts(contract: Contract): { label: string; axis: number; shape: number[] }[] {
  const dim = contract.examples;
  if (dim === null) return [];
  return contract.values
    .filter(({ kind, shape }) => kind === 'data' && shape.includes(dim))
    .map(({ label, shape: dims }) => {
      const { shape } = array(contract.data.arrays[label]) as NDArray;
      return { label, axis: dims.indexOf(dim), shape };
    });
}

/** The columns of the table: every number that an example has. */
export function columns(contract: Contract): Column[] {
  const { features, targets } = contract.data;
  return parts(contract).flatMap(({ label, axis, shape }) => {
    const size = count(shape) / shape[axis];
    const names = label === contract.features ? features : label === contract.target ? targets : [];
    return Array.from({ length: size }, (_, entry) => ({
      label,
      entry,
      name: names[entry] ?? (size === 1 ? label : `${label}[${entry}]`),
    }));
  });
}

/** The contract's own examples, a row each. */
export function givenRows(contract: Contract): number[][] {
  const found: number[][] = [];
  for (const { label, axis, shape } of parts(contract)) {
    const { data } = array(contract.data.arrays[label] as Nested) as NDArray;
    const inner = count(shape.slice(axis + 1));
    const outer = count(shape.slice(0, axis));
    for (let example = 0; example < shape[axis]; example++) {
      const row = (found[example] ??= []);
      for (let block = 0; block < outer; block++)
        for (let i = 0; i < inner; i++) row.push(data[(block * shape[axis] + example) * inner + i]);
    }
  }
  return found;
}

/** An example as it is now. `key` tells where it came from: a number of the rows, or "+0" of the added. */
export interface Example {
  key: string;
  row: number[];
}

/** The rows before any of them was moved: the reader's own, or those given. */
export function baseRows(given: number[][], { own }: Edits): number[][] {
  if (!own) return given;
  const { columns, rows } = own;
  return rows.map((row) => row.map((x, k) => (x - columns[k].mean) / columns[k].deviation));
}

/** The examples after a reader's changes. */
export function examplesOf(given: number[][], edits: Edits): Example[] {
  const rows = baseRows(given, edits);
  const moved = new Map(edits.moved.map(({ at, row }) => [at, row]));
  const removed = new Set(edits.removed);
  const kept = rows.flatMap((row, at) =>
    removed.has(at) ? [] : [{ key: String(at), row: moved.get(at) ?? row }],
  );
  return [...kept, ...edits.added.map((row, i) => ({ key: `+${i}`, row }))];
}

/** The changes with one example moved. */
export function move(edits: Edits, key: string, row: number[]): Edits {
  if (key.startsWith('+')) return { ...edits, added: edits.added.with(Number(key.slice(1)), row) };
  const at = Number(key);
  return { ...edits, moved: [...edits.moved.filter((one) => one.at !== at), { at, row }] };
}

/** The changes with one example more. */
export function add(edits: Edits, row: number[]): Edits {
  return { ...edits, added: [...edits.added, row] };
}

/** The changes with one example less. */
export function remove(edits: Edits, key: string): Edits {
  if (key.startsWith('+'))
    return { ...edits, added: edits.added.toSpliced(Number(key.slice(1)), 1) };
  const at = Number(key);
  const moved = edits.moved.filter((one) => one.at !== at);
  return { ...edits, moved, removed: [...edits.removed, at] };
}

export const isUnchanged = ({ own, moved, removed, added }: Edits) =>
  own === null && moved.length + removed.length + added.length === 0;

/** The data arrays of the model, from the examples. Arrays without examples are the contract's. */
export function arraysOf(contract: Contract, examples: Example[]): Record<string, NDArray> {
  const found: Record<string, NDArray> = {};
  for (const [label, values] of Object.entries(contract.data.arrays))
    found[label] = array(values) as NDArray;
  let from = 0;
  for (const { label, axis, shape } of parts(contract)) {
    const size = count(shape) / shape[axis];
    const inner = count(shape.slice(axis + 1));
    const now = shape.with(axis, examples.length);
    const data = new Float64Array(count(now));
    examples.forEach(({ row }, example) => {
      for (let k = 0; k < size; k++) {
        const [block, i] = [Math.floor(k / inner), k % inner];
        data[(block * examples.length + example) * inner + i] = row[from + k];
      }
    });
    found[label] = { shape: now, data };
    from += size;
  }
  return found;
}

/** The other way round, for a layout with examples as rows. */
export function transposed({ shape, data }: NDArray): NDArray {
  if (shape.length !== 2) return { shape, data };
  const [rows, cols] = shape;
  const turned = new Float64Array(data.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) turned[j * rows + i] = data[i * cols + j];
  return { shape: [cols, rows], data: turned };
}
