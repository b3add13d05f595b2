// Links a tape to sizes and runs it: one flat float64 array per slot, one closure per op, nothing
// allocated while running. Knows no derivative and no page.

import { array, count, show } from './array.js';
import { axisOps, axisShape, linkAxis, linkEntry } from './axes.js';
import { contraction } from './contraction.js';
import { coefficientValue, parameter, sizeOf } from './format.js';
import type { Op, Sizes, Tape } from './format.js';
import { maps } from './maps.js';

export type { Sizes, Tape } from './format.js';

interface Slot {
  shape: number[];
  data: Float64Array;
}

type Run = () => void;

/** A linked tape. The arrays it hands out are live: `run` overwrites them, `set` copies into them. */
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

/** Prepares a tape for these sizes, one for each of its dims. */
export function link(tape: Tape, sizes: Sizes): Program {
  if (tape.version !== 1)
    throw new Error(`unknown tape version ${tape.version}: this runtime reads version 1`);
  for (const dim of tape.dims) sizeOf(dim, sizes);
  const slots = new Map<number, Slot>();
  const write = (slot: number, dims: string[]): Slot => {
    if (slots.has(slot)) throw new Error(`slot ${slot} is written twice`);
    const shape = dims.map((dim) => sizeOf(dim, sizes));
    const made = { shape, data: new Float64Array(count(shape)) };
    slots.set(slot, made);
    return made;
  };
  const inputs = new Map(tape.inputs.map(({ name, slot, shape }) => [name, write(slot, shape)]));
  const runs: Run[] = [];
  for (const op of tape.ops)
    try {
      const args = op.args.map((slot) => slotAt(slots, slot));
      const output = write(op.slot, op.shape);
      const linked = linkOp(op, args, output, sizes);
      // What depends on nothing is computed once.
      if (op.args.length === 0) linked.forEach((run) => run());
      else runs.push(...linked);
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

function fill(name: string, { shape, data }: Slot, given: Parameters<Program['set']>[1]): void {
  const wanted = `expected ${data.length} numbers, shape ${show(shape)}`;
  let values = typeof given === 'number' ? [given] : (given as ArrayLike<number>);
  if (Array.isArray(given) && Array.isArray(given[0])) {
    const read = array(given);
    if (show(read.shape) !== show(shape))
      throw new Error(`"${name}": got shape ${show(read.shape)}, ${wanted}`);
    values = read.data;
  }
  if (values.length !== data.length)
    throw new Error(`"${name}": got ${values.length} numbers, ${wanted}`);
  for (let i = 0; i < values.length; i++)
    if (typeof values[i] !== 'number')
      throw new Error(`"${name}": entry ${i} is ${typeof values[i]}, ${wanted}`);
  data.set(values);
}

/** Throws unless an op gets the arguments it needs, each (if given) of one shape. */
function expectArgs(what: string, args: Slot[], wanted: number, shape?: number[]): void {
  if (args.length !== wanted)
    throw new Error(`${what} takes ${wanted} arguments, got ${args.length}`);
  for (const arg of shape ? args : [])
    if (show(arg.shape) !== show(shape!))
      throw new Error(`${what} expects arguments of shape ${show(shape!)}, got ${show(arg.shape)}`);
}

function expectShape(what: string, output: Slot, wanted: number[]): void {
  if (show(output.shape) !== show(wanted))
    throw new Error(`${what} gives shape ${show(wanted)}, the tape says ${show(output.shape)}`);
}

function linkOp(op: Op, args: Slot[], output: Slot, sizes: Sizes): Run[] {
  const values = args.map((arg) => arg.data);
  switch (op.kind) {
    case 'ein':
      return linkEin(op, args, output, sizes);
    case 'add':
      expectArgs('add', args, Math.max(args.length, 1), output.shape);
      return [sum(values, output.data)];
    case 'map': {
      const found = maps.get(op.op);
      if (!found)
        throw new Error(
          `unknown map op "${op.op}", expected one of ${[...maps.keys()].join(', ')}`,
        );
      expectArgs(`"${op.op}"`, args, found.arity, output.shape);
      const [x, y = x, z = x] = values;
      return [found.link([x, y, z], output.data, (name) => parameter(op, name))];
    }
    case 'axis': {
      if (!axisOps.includes(op.op))
        throw new Error(`unknown axis op "${op.op}", expected one of ${axisOps.join(', ')}`);
      expectArgs(`"${op.op}"`, args, 1);
      const [{ data, shape }] = args;
      for (const axis of op.axes) expectEntry('axis', axis, shape.length);
      expectShape(`"${op.op}"`, output, axisShape(op.op, shape, op.axes));
      return [linkAxis(op.op, data, output.data, shape, op.axes)];
    }
    case 'select':
    case 'place': {
      expectArgs(op.kind, args, 1);
      const [whole, part] = op.kind === 'select' ? [args[0], output] : [output, args[0]];
      expectEntry('axis', op.axis, whole.shape.length);
      expectEntry('index', op.index, whole.shape[op.axis]);
      expectShape(op.kind, part, whole.shape.toSpliced(op.axis, 1));
      return [linkEntry(op.kind, args[0].data, output.data, whole.shape, op.axis, op.index)];
    }
    default:
      throw new Error(
        `unknown kind "${(op as { kind: string }).kind}", ` +
          'expected one of ein, add, map, axis, select, place',
      );
  }
}

function expectEntry(what: string, value: number, size: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= size)
    throw new Error(`${what} ${value} is not between 0 and ${size - 1}`);
}

function linkEin(op: Op & { kind: 'ein' }, args: Slot[], output: Slot, sizes: Sizes): Run[] {
  expectArgs('ein', args, op.letters.length);
  const letterSizes: number[] = [];
  const read = (letters: number[], shape: number[], what: string) => {
    if (letters.length !== shape.length)
      throw new Error(`${what} of ein has ${letters.length} letters for shape ${show(shape)}`);
    letters.forEach((letter, axis) => {
      letterSizes[letter] ??= shape[axis];
      if (letterSizes[letter] !== shape[axis])
        throw new Error(
          `letter ${letter} of ein is ${letterSizes[letter]} long, but ${shape[axis]} in ${what}`,
        );
    });
  };
  args.forEach((arg, i) => read(op.letters[i], arg.shape, `argument ${i}`));
  read(op.out, output.shape, 'the output');
  const coefficient = coefficientValue(op.coefficient, sizes);
  const data = args.map((arg) => arg.data);
  return contraction(coefficient, data, op.letters, op.out, letterSizes, output.data);
}

function sum([a, b, ...rest]: Float64Array[], o: Float64Array): Run {
  if (b === undefined) return () => o.set(a);
  return () => {
    addInto(o, a, b);
    for (let r = 0; r < rest.length; r++) addInto(o, o, rest[r]);
  };
}

function addInto(o: Float64Array, a: Float64Array, b: Float64Array): void {
  for (let i = 0; i < o.length; i++) o[i] = a[i] + b[i];
}
