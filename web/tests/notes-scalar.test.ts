import { describe, expect, it } from 'vitest';
import {
  Runner,
  brief,
  corners,
  curve,
  frame,
  readPicture,
  start,
  writePicture,
} from '../src/notes/scalar/operations.js';
import type { Operation } from '../src/notes/scalar/operations.js';
import type { Tape } from '../src/runtime/tape.js';
import {
  Boxes,
  arrived,
  inHurry,
  inOrder,
  layout,
  read,
  write,
} from '../src/notes/scalar/sweep.js';
import type { Graph } from '../src/notes/scalar/sweep.js';

const one = { numerator: '1', denominator: '1', dims: {} };
const g = { slot: 0, name: 'g', role: 'data', shape: [] };
const input = (name: string, slot: number) => ({ slot, name, role: 'parameter', shape: [] });

/** What Python writes of y = op(inputs), L = g y, for operations that are plain enough to write here. */
function operation(name: string, names: string[], ops: unknown[], y: number, gradients: Record<string, number>, more: Partial<Operation> = {}): Operation {
  const last = Math.max(0, ...ops.map((op) => (op as { slot: number }).slot)) + 1;
  const loss = { slot: last, kind: 'ein', args: [0, y], shape: [], letters: [[], []], out: [], coefficient: one };
  const tape = { version: 1, model: name, dims: [], inputs: [g, ...names.map((x, i) => input(x, i + 1))], ops: [...ops, loss], names: { y }, loss: last, gradients } as unknown as Tape;
  return {
    name, call: name, family: 'f', sign: name, code: `${name}({0})`, forward: [], backward: [], words: '', kink: 'k', reuse: '', reads: [], source: '',
    output: 'y', outputs: 1, upstream: true, inputs: names.map((x) => ({ name: x, mathml: x, values: [1], moves: true })),
    vary: names.map((x): [string, number] => [x, 0]), window: [-4, 4], frame: [-5, 5], corners: [], tape, sizes: {}, ...more,
  };
} // prettier-ignore

const times = (slot: number, ...args: number[]) => ({ slot, kind: 'ein', args, shape: [], letters: args.map(() => []), out: [], coefficient: one }); // prettier-ignore
const map = (slot: number, op: string, arg: number) => ({ slot, kind: 'map', op, args: [arg], shape: [], parameters: {} }); // prettier-ignore
const multiply = operation('multiply', ['a', 'b'], [times(3, 1, 2), times(4, 0, 2), times(5, 0, 1)], 3, { a: 4, b: 5 }); // prettier-ignore
const add = operation('add', ['a', 'b'], [{ slot: 3, kind: 'add', args: [1, 2], shape: [] }], 3, { a: 0, b: 0 }); // prettier-ignore
const exp = operation('exp', ['x'], [map(2, 'exp', 1), times(3, 0, 2)], 2, { x: 3 });
const relu = operation('relu', ['x'], [map(2, 'relu', 1), map(3, 'step', 1), times(4, 0, 3)], 2, { x: 4 }, { corners: [0, 9] }); // prettier-ignore
const known = { multiply, add, exp, relu };

describe('an operation', () => {
  it('gives value and slope from its tape', () => {
    const runner = new Runner(exp);
    expect(runner.at(start(exp), ['x', 0], 0.5)).toEqual({
      value: Math.exp(0.5),
      slope: Math.exp(0.5),
    });
    runner.run({ x: [0.5] }, 3);
    expect(runner.gradient('x')[0]).toBeCloseTo(3 * Math.exp(0.5), 14);
  });
  it('has its corners found, with what is taken there', () => {
    const [corner, ...others] = corners(new Runner(relu), start(relu), ['x', 0]);
    expect(others).toEqual([]);
    expect([corner.x, corner.left.slope, corner.taken, corner.right.slope]).toEqual([0, 0, 0, 1]);
    const drawn = curve(new Runner(relu), start(relu), ['x', 0]);
    expect(drawn.slopes.filter(Number.isNaN)).toHaveLength(drawn.xs.filter((x) => x === 0).length);
    expect(drawn.values.every(Number.isFinite)).toBe(true);
  });
  it('frames slopes with zero in sight, and not without end', () => {
    expect(frame([1, 2])[0]).toBeLessThan(0);
    expect(frame([1, 1e9])[1]).toBeLessThan(8);
    expect(frame([NaN])).toEqual([-0.12, 0.12]);
  });
  it('writes numbers briefly where they are exact', () => {
    expect([brief(2), brief(-0.5), brief(1 / 3), brief(1e-7), brief(NaN)]).toEqual(['2', '−0.5', '0.3333', '1.000 × 10⁻⁷', 'not a number']); // prettier-ignore
  });
  it('keeps its state in a text', () => {
    const begun = readPicture('', known, 'exp');
    expect(writePicture(begun, exp, 'exp')).toBe('');
    const moved = {
      ...readPicture('op=multiply', known, 'exp'),
      vary: 1,
      h: 0.01,
      values: { a: [2], b: [-3] },
    };
    const text = writePicture(moved, multiply, 'exp');
    expect(readPicture(text, known, 'exp')).toEqual(moved);
    for (const odd of ['op=nothing', 'v=1', 'h=x&by=99', 'v=a,b&op=multiply', 'op=__proto__'])
      expect(Object.keys(known)).toContain(readPicture(odd, known, 'exp').op);
  });
});

describe('a graph of boxes', () => {
  // y = a b with a = x x, b = a + x: x⁴ + x³
  const graph: Graph = {
    inputs: [{ name: 'x', value: 3 }],
    boxes: [
      { name: 'a', op: 'multiply', args: ['x', 'x'] },
      { name: 'b', op: 'add', args: ['a', 'x'] },
      { name: 'y', op: 'multiply', args: ['a', 'b'] },
    ],
  };
  const boxes = new Boxes(known);
  const values = boxes.forward(graph);

  it('goes forward, and back in order', () => {
    expect([...values]).toEqual([['x', 3], ['a', 9], ['b', 12], ['y', 108]]); // prettier-ignore
    expect(inOrder(graph)).toEqual(['y', 'b', 'a']);
    const gradients = arrived(graph, boxes.backward(graph, values, inOrder(graph)));
    expect(gradients.get('x')).toBe(4 * 27 + 3 * 9);
    expect(boxes.nudge(graph, 'x', 1e-5)).toBeCloseTo(135, 4);
  });
  it('goes wrong in a hurry', () => {
    expect(inHurry(graph)).toEqual(['y', 'a', 'b']);
    expect(arrived(graph, boxes.backward(graph, values, inHurry(graph))).get('x')).toBe(81);
  });
  it('tells every part that is sent, what was there before and what is there then', () => {
    const steps = boxes.backward(graph, values, inOrder(graph));
    expect(steps[1].parts).toEqual([
      { to: 'a', slope: 1, sent: 9, before: 12, after: 21 },
      { to: 'x', slope: 1, sent: 9, before: 0, after: 9 },
    ]);
  });
  it('leaves out what the last box was not made from', () => {
    const more: Graph = {
      ...graph,
      boxes: [...graph.boxes, { name: 'v1', op: 'exp', args: ['a'] }],
    };
    expect(inOrder(more)).toEqual(['v1', 'a']);
  });
  it('is kept as a text, and refuses what is no graph', () => {
    expect(read(write(graph), known)).toEqual(graph);
    for (const odd of [
      '',
      'x',
      'x=1;a=nothing:x',
      'x=1;a=exp:y',
      'x=1;a=exp:x:x',
      'x=1,x=2',
      'x=1;x=exp:x',
      'x=NaN',
      '<b>=1',
    ])
      expect(read(odd, known)).toBeNull();
  });
  it('is laid out by depth, with nothing on top of anything', () => {
    const { spots, columns } = layout(graph);
    expect(columns).toBe(4);
    expect(new Set(spots.map(({ column, row }) => `${column} ${row}`)).size).toBe(spots.length);
    for (const { args, name } of graph.boxes)
      for (const arg of args) {
        const column = (label: string) => spots.find((spot) => spot.name === label)!.column;
        expect(column(arg)).toBeLessThan(column(name));
      }
  });
});
