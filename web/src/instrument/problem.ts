// A contract and a state put together: the tape, the data and the start that everything else computes
// with. Parameters are one flat vector; `layout` says where each of them lies in it.

import { count } from '../runtime/array.js';
import { array } from '../runtime/array.js';
import type { Sizes, Tape } from '../runtime/format.js';
import { link } from '../runtime/tape.js';
import type { Program } from '../runtime/tape.js';
import { normal } from '../runtime/threefry.js';
import type { Contract, Method, Variant } from '../contract.js';
import { arraysOf, transposed } from './data.js';
import type { Example, NDArray } from './data.js';
import type { State } from './state.js';
import { prune } from './tapes.js';
import type { Wanted } from './tapes.js';

export interface Part {
  label: string;
  start: number;
  shape: number[];
  size: number;
}

export interface Problem {
  contract: Contract;
  variant: Variant;
  tape: Tape;
  /** In the variant's layout. */
  data: Readonly<Record<string, NDArray>>;
  sizes: Sizes;
  /** The number of examples; 1 where the model counts none. */
  m: number;
  layout: Part[];
  /** All parameters, at the start. */
  start: Float64Array;
}

/** The variant of a state. */
export function variantOf(
  contract: Contract,
  state: Pick<State, 'convention' | 'examples'>,
): Variant {
  const { convention, examples } = state;
  return (
    contract.variants.find((v) => v.convention === convention && v.examples === examples) ??
    contract.variants[0]
  );
}

export function methodOf(contract: Contract, key: string): Method {
  return contract.methods.find((method) => method.key === key) ?? contract.methods[0];
}

/** Parameters of a seed, in the layout of the first variant. */
function startOf(contract: Contract, seed: number): Map<string, NDArray> {
  const { start } = contract;
  const found = new Map<string, NDArray>();
  for (const { label, kind, fan, stream } of start.init) {
    const given = array(start.params[label]) as NDArray;
    const size = count(given.shape);
    const root = Math.sqrt(Math.max(fan, 1));
    const data =
      seed === start.seed
        ? given.data
        : kind === 'zeros'
          ? new Float64Array(size)
          : normal(seed, stream, size).map((x) => x / root);
    found.set(label, { shape: given.shape, data });
  }
  return found;
}

export function problemOf(
  contract: Contract,
  variant: Variant,
  examples: Example[],
  seed: number,
  start: readonly number[] | null,
): Problem {
  const first = contract.variants[0].tape;
  const given = { ...arraysOf(contract, examples) };
  const params = startOf(contract, seed);
  if (start) {
    const total = [...params.values()].reduce((sum, { data }) => sum + data.length, 0);
    let from = 0;
    if (total === start.length)
      for (const [label, { shape, data }] of params) {
        params.set(label, {
          shape,
          data: Float64Array.from(start.slice(from, from + data.length)),
        });
        from += data.length;
      }
  }
  const sizes: Record<string, number> = {};
  const data: Record<string, NDArray> = {};
  const layout: Part[] = [];
  const flat: number[] = [];
  for (const input of variant.tape.inputs) {
    const own = first.inputs.find(({ name }) => name === input.name) ?? input;
    const isParameter = input.role === 'parameter';
    const values = isParameter ? params.get(input.name)! : given[input.name];
    const turned = own.shape.join() === input.shape.join() ? values : transposed(values);
    turned.shape.forEach((size, axis) => {
      if (!/^\d+$/.test(input.shape[axis])) sizes[input.shape[axis]] ??= size;
    });
    if (!isParameter) {
      data[input.name] = turned;
      continue;
    }
    const size = turned.data.length;
    layout.push({ label: input.name, start: flat.length, shape: turned.shape, size });
    for (const x of turned.data) flat.push(x);
  }
  const m = contract.examples === null ? 1 : (sizes[contract.examples] ?? 1);
  return {
    contract, variant, tape: variant.tape, data, sizes, m, layout, start: Float64Array.from(flat),
  }; // prettier-ignore
}

/** A flat vector back in the layout of the first variant: what a state keeps as its start. */
export function asStart({ contract, variant, layout }: Problem, vector: Float64Array): number[] {
  const first = contract.variants[0].tape;
  return layout.flatMap(({ label, start, size, shape }) => {
    const part = { shape, data: vector.slice(start, start + size) };
    const [own, now] = [first, variant.tape].map(
      (tape) => tape.inputs.find(({ name }) => name === label)!.shape,
    );
    return [...(own.join() === now.join() ? part : transposed(part)).data];
  });
}

/** A part of a tape, linked to the data of a problem and to one flat vector of parameters. */
export interface Linked {
  program: Program;
  /** Written by whoever wants to, read by every run. */
  params: Float64Array;
  /** Puts these examples in, if it was linked for some of them. */
  feed(chosen: ArrayLike<number>): void;
}

/**
 * Links what is wanted of a problem's tape. `examples`: for so many examples at a time (fed one batch after
 * another), or for all of them, in place.
 */
export function linked(
  problem: Problem,
  wanted: Wanted | Tape,
  examples?: number,
  params: Float64Array = problem.start.slice(),
): Linked {
  const { contract, data, layout, sizes } = problem;
  const tape = 'ops' in wanted ? wanted : prune(problem.tape, wanted);
  const dim = contract.examples;
  const shared: Record<string, Float64Array> = {};
  const read = new Set(tape.inputs.map(({ name }) => name));
  for (const { label, start, size } of layout)
    if (read.has(label)) shared[label] = params.subarray(start, start + size);
  const some = examples !== undefined && dim !== null;
  const feeds: ((chosen: ArrayLike<number>) => void)[] = [];
  for (const { name, shape } of tape.inputs)
    if (Object.hasOwn(data, name) && !(some && shape.includes(dim))) shared[name] = data[name].data;
  const program = link(tape, some ? { ...sizes, [dim]: examples } : sizes, shared);
  if (some)
    for (const { name, shape } of tape.inputs)
      if (Object.hasOwn(data, name) && shape.includes(dim))
        feeds.push(picker(data[name], shape.indexOf(dim), program.value(name)));
  return { program, params, feed: (chosen) => feeds.forEach((feed) => feed(chosen)) };
}

function picker({ shape, data }: NDArray, axis: number, into: Float64Array) {
  const inner = count(shape.slice(axis + 1));
  const outer = count(shape.slice(0, axis));
  return (chosen: ArrayLike<number>) => {
    let at = 0;
    for (let block = 0; block < outer; block++)
      for (let j = 0; j < chosen.length; j++) {
        const from = (block * shape[axis] + chosen[j]) * inner;
        for (let i = 0; i < inner; i++) into[at++] = data[from + i];
      }
  };
}
