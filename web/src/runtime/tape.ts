// Links a tape to sizes and runs it: one flat float64 array per slot, closures that each do one op
// or several, nothing allocated while running. Knows no derivative and no page.

import { array, count, show } from './array.js';
import { axisOps, axisShape, linkAxis, linkEntry } from './axes.js';
import { expectArgs, expectEntry, expectShape, letterSizes } from './checks.js';
import type { Run } from './contraction.js';
import { coefficientValue, parameter, sizeOf } from './format.js';
import type { Op, Sizes, Tape } from './format.js';
import { maps } from './maps.js';
import { arrayTerm, contractionTerms, evaluate, isScale, mayWait } from './terms.js';
import type { Term } from './terms.js';

export type { Sizes, Tape } from './format.js';

interface Slot {
  shape: number[];
  data: Float64Array;
  /** What the array is to hold, while nothing has been linked that computes it. */
  waiting?: Term[];
}

/** A linked tape. Its arrays are live: `run` overwrites them, `set` copies into them. */
export interface Program {
  /** Sets an input from a number, a flat row-major list, or nested lists. */
  set(name: string, values: number | ArrayLike<number> | readonly unknown[]): void;
  run(): void;
  /** An input or a named value. */
  value(name: string): Float64Array;
  shape(name: string): readonly number[];
  loss(): number;
  /** The derivative of the loss with respect to a parameter. */
  gradient(name: string): Float64Array;
}

/**
 * Prepares a tape for these sizes, one for each of its dims. The inputs named in `shared` are read
 * from the arrays given there, whoever writes them.
 */
export function link(
  tape: Tape,
  sizes: Sizes,
  shared: Readonly<Record<string, Float64Array>> = {},
): Program {
  if (tape.version !== 1)
    throw new Error(`unknown tape version ${tape.version}: this runtime reads version 1`);
  for (const dim of tape.dims) sizeOf(dim, sizes);
  const slots = new Map<number, Slot>();
  const write = (slot: number, dims: string[], given?: Float64Array): Slot => {
    if (slots.has(slot)) throw new Error(`slot ${slot} is written twice`);
    const shape = dims.map((dim) => sizeOf(dim, sizes));
    const made = { shape, data: given ?? new Float64Array(count(shape)) };
    slots.set(slot, made);
    return made;
  };
  const inputs = new Map(
    tape.inputs.map(({ name, slot, shape }) => [name, write(slot, shape, own(shared, name))]),
  );
  for (const [name, data] of Object.entries(shared))
    expectLength(name, data, find(inputs, name, 'input'));
  const runs: Run[] = [];
  const waits = patience(tape);
  for (const op of tape.ops)
    try {
      const args = op.args.map((slot) => slotAt(slots, slot));
      const output = write(op.slot, op.shape);
      output.waiting = meaning(op, args, output, sizes, runs);
      if (!output.waiting) runs.push(linkOp(op, args, output, runs));
      else if (!waits(op.slot, output.waiting)) compute(output, runs);
    } catch (error) {
      throw new Error(`tape "${tape.model}", slot ${op.slot}: ${(error as Error).message}`);
    }
  const named = (table: Record<string, number>) =>
    new Map(Object.entries(table).map(([name, slot]) => [name, slotAt(slots, slot)]));
  const values = new Map([...inputs, ...named(tape.names)]);
  const gradients = named(tape.gradients);
  const loss = slotAt(slots, tape.loss);
  return {
    set: (name, given) => fill(name, find(inputs, name, 'input'), given),
    run: () => {
      for (let i = 0; i < runs.length; i++) runs[i]();
    },
    value: (name) => find(values, name, 'value').data,
    shape: (name) => find(values, name, 'value').shape,
    loss: () => loss.data[0],
    gradient: (name) => find(gradients, name, 'gradient').data,
  };
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function slotAt(slots: Map<number, Slot>, slot: number): Slot {
  const found = slots.get(slot);
  if (!found) throw new Error(`slot ${slot} is read before it is written`);
  return found;
}

function find(table: Map<string, Slot>, name: string, what: string): Slot {
  const found = table.get(name);
  if (!found)
    throw new Error(`unknown ${what} "${name}", expected one of ${[...table.keys()].join(', ')}`);
  return found;
}

function expectLength(name: string, values: ArrayLike<number>, { shape }: Slot): void {
  if (values.length !== count(shape))
    throw new Error(
      `"${name}": got ${values.length} numbers, ` +
        `expected ${count(shape)} numbers, shape ${show(shape)}`,
    );
}

function fill(name: string, slot: Slot, given: Parameters<Program['set']>[1]): void {
  const { shape, data } = slot;
  const wanted = `expected ${data.length} numbers, shape ${show(shape)}`;
  let values = typeof given === 'number' ? [given] : (given as ArrayLike<number>);
  if (Array.isArray(given) && Array.isArray(given[0])) {
    const read = array(given);
    if (show(read.shape) !== show(shape))
      throw new Error(`"${name}": got shape ${show(read.shape)}, ${wanted}`);
    values = read.data;
  }
  expectLength(name, values, slot);
  for (let i = 0; i < values.length; i++)
    if (typeof values[i] !== 'number')
      throw new Error(`"${name}": entry ${i} is ${typeof values[i]}, ${wanted}`);
  data.set(values);
}

/** Tells which slots may wait for an op that reads them: unseen, and nothing is done twice. */
function patience(tape: Tape): (slot: number, terms: Term[]) => boolean {
  const { loss, names, gradients } = tape;
  const seen = new Set([loss, ...Object.values(names), ...Object.values(gradients)]);
  const reads = new Map<number, number>();
  for (const slot of tape.ops.flatMap((op) => op.args)) reads.set(slot, (reads.get(slot) ?? 0) + 1);
  return (slot, terms) => {
    const cheap = (reads.get(slot) ?? 0) <= 1 || (terms.length === 1 && isScale(terms[0]));
    return cheap && !seen.has(slot) && terms.every(mayWait);
  };
}

/** The array of a slot, with the closures that compute it if it was waiting. */
function compute(slot: Slot, runs: Run[]): Float64Array {
  const { waiting, data } = slot;
  slot.waiting = undefined;
  const linked = waiting ? evaluate(waiting, data) : [];
  // What depends on nothing is computed once.
  if (waiting?.every((term) => term.factors.length === 0)) linked.forEach((run) => run());
  else runs.push(...linked);
  return data;
}

/** The terms of an op that adds or multiplies. */
function meaning(
  op: Op,
  args: Slot[],
  output: Slot,
  sizes: Sizes,
  runs: Run[],
): Term[] | undefined {
  const shapes = args.map((arg) => arg.shape);
  const { shape } = output;
  const known = args.map((arg) => ({
    shape: arg.shape,
    terms: arg.waiting ?? [arrayTerm(arg.data, arg.shape)],
    data: () => compute(arg, runs),
  }));
  if (op.kind === 'add') {
    expectArgs('add', shapes, Math.max(args.length, 1), shape);
    return known.flatMap((arg) => arg.terms);
  }
  if (op.kind === 'map' && op.op === 'square') {
    expectArgs('"square"', shapes, 1, shape);
    const axes = shape.map((_, axis) => axis);
    return contractionTerms(1, [known[0], known[0]], [axes, axes], axes, shape);
  }
  if (op.kind !== 'ein') return undefined;
  expectArgs('ein', shapes, op.letters.length);
  const found = letterSizes(op.letters, shapes, op.out, shape);
  // The output's letters count from 0, as the axes do.
  const order = [...new Set([...op.out, ...found.keys()])];
  const renamed = (letters: number[]) => letters.map((letter) => order.indexOf(letter));
  return contractionTerms(
    coefficientValue(op.coefficient, sizes),
    known,
    op.letters.map(renamed),
    renamed(op.out),
    order.map((letter) => found[letter]),
  );
}

function linkOp(op: Op, args: Slot[], output: Slot, runs: Run[]): Run {
  const shapes = args.map((arg) => arg.shape);
  const values = args.map((arg) => compute(arg, runs));
  const o = output.data;
  switch (op.kind) {
    case 'map': {
      const found = maps.get(op.op);
      if (!found)
        throw new Error(
          `unknown map op "${op.op}", expected one of ${[...maps.keys()].join(', ')}`,
        );
      expectArgs(`"${op.op}"`, shapes, found.arity, output.shape);
      const [p = 0, q = 0] = found.parameters.map((name) => parameter(op, name));
      const [x, y = x, z = x] = values;
      return () => found.run(o, x, y, z, p, q);
    }
    case 'axis': {
      if (!axisOps.includes(op.op))
        throw new Error(`unknown axis op "${op.op}", expected one of ${axisOps.join(', ')}`);
      expectArgs(`"${op.op}"`, shapes, 1);
      for (const axis of op.axes) expectEntry('axis', axis, shapes[0].length);
      expectShape(`"${op.op}"`, output.shape, axisShape(op.op, shapes[0], op.axes));
      return linkAxis(op.op, values[0], o, shapes[0], op.axes);
    }
    case 'select':
    case 'place': {
      expectArgs(op.kind, shapes, 1);
      const [whole, part] =
        op.kind === 'select' ? [shapes[0], output.shape] : [output.shape, shapes[0]];
      expectEntry('axis', op.axis, whole.length);
      expectEntry('index', op.index, whole[op.axis]);
      expectShape(op.kind, part, whole.toSpliced(op.axis, 1));
      return linkEntry(op.kind, values[0], o, whole, op.axis, op.index);
    }
    default:
      throw new Error(
        `unknown kind "${(op as { kind: string }).kind}", ` +
          'expected one of ein, add, map, axis, select, place',
      );
  }
}
