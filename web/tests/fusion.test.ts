// Random tapes of sums and products, linked (where many ops run as one) and op by op.

import { describe, expect, test } from 'vitest';
import { link } from '../src/runtime/tape.js';
import type { Sizes, Tape } from '../src/runtime/tape.js';
import { bruteEin, stream, volume } from './brute.js';

type Op = Tape['ops'][number];
type Random = () => number;

const shapes = ['', 'a', 'b', 'a b', 'b a', '1 b', 'a 1', 'a a'].map((s) => s.split(' ').filter(Boolean)); // prettier-ignore
/** A dim has two letters, so that an axis may be summed, broadcast or on a diagonal. */
const lettersOf: Record<string, number[]> = { a: [0, 3], b: [1, 4], '1': [2, 5] };

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)];
const coefficient = (random: Random) => ({
  numerator: pick(random, ['1', '1', '-1', '2', '-3']),
  denominator: pick(random, ['1', '1', '2']),
  dims: {},
});

/** One op on slots written so far, whose shapes are given. */
function randomOp(random: Random, slot: number, known: string[][]): Op {
  const shape = random() < 0.5 ? ['a', 'b'] : pick(random, shapes);
  const every = known.map((_, i) => i);
  const alike = every.filter((i) => `${known[i]}` === `${shape}`);
  // Late slots more often: what is read once and soon is what runs as one with its reader.
  const some = (n: number, from = alike) =>
    Array.from({ length: n }, () => pick(random, random() < 0.6 ? from.slice(-3) : from));
  const axes = shape.map((_, axis) => axis);
  const letters = (dims: string[]) => dims.map((dim) => pick(random, lettersOf[dim]));
  const flat = (args: number[]): Op => ({ slot, kind: 'ein', args, shape, letters: args.map(() => axes), out: axes, coefficient: coefficient(random) }); // prettier-ignore
  switch (
    pick(random, ['constant', 'scale', 'scale', 'add', 'add', 'add', 'product', 'product', 'square', 'sin', 'ein', 'ein', 'ein']) // prettier-ignore
  ) {
    case 'constant':
      return flat([]);
    case 'scale':
      return flat(some(1));
    case 'add':
      return { slot, kind: 'add', args: some(1 + Math.floor(4 * random())), shape };
    case 'product':
      return flat(some(2 + Math.floor(3 * random())));
    case 'square':
      return { slot, kind: 'map', op: 'square', args: some(1), shape, parameters: {} };
    case 'sin':
      return { slot, kind: 'map', op: 'sin', args: some(1), shape, parameters: {} };
    default: {
      const args = some(1 + Math.floor(2.5 * random()), every);
      const own = args.map((arg) => letters(known[arg]));
      return { slot, kind: 'ein', args, shape, letters: own, out: letters(shape), coefficient: coefficient(random) }; // prettier-ignore
    }
  }
}

function randomTape(random: Random): Tape {
  const inputs = shapes.map((shape, slot) => ({ slot, name: `x${slot}`, role: 'data', shape }));
  const known = [...shapes];
  const ops: Op[] = [];
  for (let i = 0; i < 14; i++) {
    ops.push(randomOp(random, known.length, known));
    known.push(ops[i].shape);
  }
  const named = ops.filter((_, i) => i === ops.length - 1 || random() < 0.1);
  const names = Object.fromEntries(named.map(({ slot }) => [`v${slot}`, slot]));
  return { version: 1, model: 'random', dims: ['a', 'b'], inputs, ops, names, loss: known.length - 1, gradients: {} }; // prettier-ignore
}

/**
 * The values of all slots, each op by itself and by its definition; or their magnitudes, with every
 * sign turned to plus: rounding errors stay within a few units in the last place of those.
 */
function opByOp(tape: Tape, sizes: Sizes, inputs: number[][], magnitudes = false): number[][] {
  const values = [...inputs];
  const shapesOf = [...shapes, ...tape.ops.map((op) => op.shape)];
  for (const op of tape.ops) {
    const operands = op.args.map((slot) => values[slot]);
    if (op.kind === 'ein') {
      const { letters, out } = op;
      const sizesOf = new Array<number>(6).fill(1);
      const read = (own: number[], shape: string[]) =>
        own.forEach((letter, axis) => (sizesOf[letter] = sizes[shape[axis]] ?? 1));
      letters.forEach((own, i) => read(own, shapesOf[op.args[i]]));
      read(out, op.shape);
      const c = Number(op.coefficient.numerator) / Number(op.coefficient.denominator);
      const sign = magnitudes ? Math.abs(c) : c;
      values.push(bruteEin(sign, { operands, letters, out, sizes: sizesOf }));
    } else if (op.kind === 'add')
      values.push(operands[0].map((_, i) => operands.reduce((sum, x) => sum + x[i], 0)));
    else if (op.kind === 'map' && op.op === 'square') values.push(operands[0].map((x) => x * x));
    else values.push(operands[0].map(magnitudes ? (x) => 1 + x : Math.sin));
  }
  return values;
}

/** Links and runs a tape twice (the second run must not see the first) and compares its named values. */
function check(tape: Tape, sizes: Sizes, random: Random): void {
  const program = link(tape, sizes);
  const draw = (shape: string[]) => {
    const length = volume(shape.map((dim) => sizes[dim] ?? 1));
    return Array.from({ length }, () => 2 * random() - 1);
  };
  for (const inputs of [shapes.map(draw), shapes.map(draw)]) {
    inputs.forEach((values, i) => program.set(`x${i}`, values));
    program.run();
    const wanted = opByOp(tape, sizes, inputs);
    const positive = inputs.map((x) => x.map(Math.abs));
    const magnitude = opByOp(tape, sizes, positive, true);
    for (const [name, slot] of Object.entries(tape.names)) {
      const got = program.value(name);
      expect(got).toHaveLength(wanted[slot].length);
      const wrong = got.findIndex(
        (x, i) => !(Math.abs(x - wanted[slot][i]) <= 1e-14 * magnitude[slot][i]),
      );
      expect(wrong, `${name} of ${JSON.stringify(tape)}`).toBe(-1);
    }
  }
}

describe('random tapes', () => {
  test.each([
    [1, { a: 5, b: 6 }],
    [2, { a: 9, b: 3 }],
    [3, { a: 3, b: 8 }],
    [4, { a: 1, b: 5 }],
    [5, { a: 5, b: 1 }],
    [6, { a: 1, b: 1 }],
  ])('seed %i, sizes %j', (seed, sizes: Sizes) => {
    const random = stream(seed);
    for (let turn = 0; turn < 150; turn++) check(randomTape(random), sizes, random);
  });
});

describe('what runs as one', () => {
  const ab = ['a', 'b'];
  const ein = (args: number[], letters: number[][], out: number[], c = '1', shape = ab) => {
    return { kind: 'ein', args, letters, out, shape, coefficient: { numerator: c, denominator: '1', dims: {} } }; // prettier-ignore
  };
  const flat = (args: number[], c = '1', shape = ab) => {
    const axes = shape.map((_, axis) => axis);
    return ein(args, args.map(() => axes), axes, c, shape); // prettier-ignore
  };
  const add = (args: number[], shape = ab) => ({ kind: 'add', args, shape });
  const sin = { kind: 'map', op: 'sin', args: [3], shape: ab, parameters: {} };
  /** Slots 0 to 7 are inputs; the ops are 8, 9, ...; only the last is named. */
  const cases: Record<string, object[]> = {
    'k + c x in a product': [flat([], '3'), flat([3], '-2'), add([8, 9]), sin, flat([10, 11], '5')],
    'two of them': [flat([], '3'), flat([3], '-2'), add([8, 9]), sin, flat([11], '4'), add([8, 12]), flat([10, 13])],
    'one first, then two more': [flat([], '3'), add([8, 3]), sin, flat([9, 10, 10])],
    'one with its own array': [flat([], '1'), flat([3], '-1'), add([8, 9]), sin, flat([3, 10, 11])],
    'such a product in a sum': [flat([], '3'), add([8, 3]), sin, flat([9, 10]), add([11, 3])],
    'k + 0 x in a product': [flat([], '3'), flat([3], '0'), add([8, 9]), sin, flat([10, 11])],
    'k + c x under another name of its axes': [flat([], '3', ['b']), add([8, 2], ['b']), ein([9], [[1]], [0, 1], '2', ['1', 'b'])],
    'and that broadcast': [flat([2], '3', ['b']), ein([8], [[1]], [0, 1], '2', ['1', 'b']), ein([9, 3], [[2, 1], [0, 1]], [0, 1])],
    'a constant and a contraction': [flat([], '3'), ein([7, 3], [[0, 2], [2, 1]], [0, 1], '2'), add([8, 9])],
    'a broadcast and a contraction': [ein([6], [[0, 2]], [0, 1]), ein([7, 3], [[0, 2], [2, 1]], [0, 1], '2'), add([9, 8])],
    'a row, a contraction and a constant': [ein([2], [[1]], [0, 1]), flat([], '3'), ein([7, 3], [[0, 2], [2, 1]], [0, 1]), add([9, 8, 10])],
    'two contractions and arrays': [ein([7, 3], [[0, 2], [2, 1]], [0, 1]), ein([4], [[1, 0]], [0, 1], '-1'), flat([3], '2'), add([10, 8, 9, 3])],
    'a diagonal, and one more': [ein([1], [[0]], [0, 0], '1', ['a', 'a']), ein([7], [[1, 0]], [0, 1], '1', ['a', 'a']), add([8, 9], ['a', 'a'])],
    'the diagonal broadcast': [ein([7], [[0, 0]], [0, 1]), ein([7, 3], [[0, 2], [2, 1]], [0, 1]), add([8, 9])],
    'four factors and a constant': [sin, flat([3, 8, 3, 8], '2'), flat([], '3'), add([9, 10])],
    'five arrays in a sum': [sin, flat([8], '2'), flat([3], '3'), add([3, 8, 9, 10, 8])],
    'a sum in a scale in a sum': [sin, add([3, 8]), flat([9], '2'), add([10, 3])],
    'a square of a scale, summed': [flat([3], '-3'), { kind: 'map', op: 'square', args: [8], shape: ab, parameters: {} }, ein([9], [[0, 1]], [], '1', [])],
    'a scale read twice': [flat([3], '-3'), sin, flat([8, 9]), add([8, 10])],
    'a scale into a map': [flat([3], '-3'), { ...sin, args: [8] }, add([8, 9])],
  }; // prettier-ignore
  test.each(Object.entries(cases))('%s', (_, list) => {
    const inputs = shapes.map((shape, slot) => ({ slot, name: `x${slot}`, role: 'data', shape }));
    const ops = list.map((op, i) => ({ slot: shapes.length + i, ...op }) as Op);
    const last = shapes.length + ops.length - 1;
    const tape = { version: 1, model: 'one', dims: ab, inputs, ops, names: { out: last }, loss: last, gradients: {} }; // prettier-ignore
    for (const sizes of [{ a: 5, b: 6 }, { a: 9, b: 1 }, { a: 1, b: 1 }]) check(tape, sizes, stream(1)); // prettier-ignore
  });
});
