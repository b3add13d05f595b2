import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { batch } from '../src/runtime/batches.js';
import { descent, DivergenceError } from '../src/runtime/descend.js';
import type { Settings } from '../src/runtime/descend.js';
import type { Tape } from '../src/runtime/format.js';
import { stream } from './brute.js';

const file = fileURLToPath(new URL('../../contract/tapes.json', import.meta.url));
const tapes = JSON.parse(readFileSync(file, 'utf-8')) as { name: string; tape: Tape }[];
const model = (name: string) => tapes.find((one) => one.name === name)!.tape;

// ---- update tapes by hand

type Op = Tape['ops'][number];
const n = ['n'];

/** A tape from w, dw and more, with ops in the slots after the inputs. */
function updateTape(more: string[], ops: object[], results: Record<string, number>): Tape {
  const inputs = ['w', 'dw', ...more].map((name, slot) => {
    return { slot, name, role: 'data', shape: name === 't' || name === 'norm' ? [] : n };
  });
  const written = ops.map((op, i) => ({ slot: inputs.length + i, shape: n, ...op }) as Op);
  return { version: 1, model: 'update', dims: n, inputs, ops: written, names: results, loss: results.w, gradients: results }; // prettier-ignore
}

/** numerator / denominator times a slot, and times a scalar if one is given. */
function times(slot: number, numerator: string, denominator = '1', scalar?: number) {
  const [args, letters] =
    scalar === undefined
      ? [[slot], [[0]]]
      : [
          [slot, scalar],
          [[0], []],
        ];
  return { kind: 'ein', args, letters, out: [0], coefficient: { numerator, denominator, dims: {} } }; // prettier-ignore
}
const add = (...args: number[]) => ({ kind: 'add', args });

/** w - dw / 20 */
const gradientDescent = updateTape([], [times(1, '-1', '20'), add(0, 2)], { w: 3 });
/** v = 9/10 v + dw, w - v / 20 */
const momentum = updateTape(['v'], [times(2, '9', '10'), add(3, 1), times(4, '-1', '20'), add(0, 5)], { v: 4, w: 6 }); // prettier-ignore

// ---- data, start, and descents by hand

const random = stream(5);
const draw = (rows: number, columns: number, scale = 1) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => scale * (2 * random() - 1))); // prettier-ignore

const m = 11;
const line = { x: draw(1, m), y: draw(1, m) };
const univariate = {
  gradientTape: model('univariate'),
  data: line,
  params: { w: 0.5, b: -0.25 },
};

/** Loss and gradient of the mean of (w x + b - y)^2 over some examples. */
function slopeOfLine(w: number, b: number, chosen: Iterable<number>) {
  const [x, y] = [line.x[0], line.y[0]];
  const all = [...chosen].map((i) => ({ r: w * x[i] + b - y[i], x: x[i] }));
  const mean = (f: (one: { r: number; x: number }) => number) =>
    all.reduce((sum, one) => sum + f(one), 0) / all.length;
  return { loss: mean(({ r }) => r * r), dw: mean((o) => 2 * o.r * o.x), db: mean((o) => 2 * o.r) };
}

const everyone = Array.from({ length: m }, (_, i) => i);

/** A descent by hand, with momentum beta. */
function byHand(steps: number, beta: number, examples: (t: number) => Iterable<number>) {
  let [w, b, vw, vb] = [0.5, -0.25, 0, 0];
  const losses: number[] = [];
  for (let t = 0; t < steps; t++) {
    const { loss, dw, db } = slopeOfLine(w, b, examples(t));
    [vw, vb] = [beta * vw + dw, beta * vb + db];
    [w, b] = [w - vw / 20, b - vb / 20];
    losses.push(loss);
  }
  return { losses, w, b, vw, vb };
}

// A hundred steps, each rounding a few sums.
function close(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  Array.from(expected).forEach((x, i) =>
    expect(Math.abs(actual[i] - x), `entry ${i}`).toBeLessThan(1e-12 * Math.max(1, Math.abs(x))),
  );
}

describe('a line', () => {
  test('gradient descent', () => {
    const found = descent({ ...univariate, updateTape: gradientDescent });
    const wanted = byHand(100, 0, () => everyone);
    close(found.run(100), wanted.losses);
    close([...found.params.w, ...found.params.b], [wanted.w, wanted.b]);
    expect(found.t).toBe(100);
    expect(found.state).toEqual({});
    expect(wanted.losses[99]).toBeLessThan(wanted.losses[0]);
  });
  test('momentum keeps its state from zero', () => {
    const found = descent({ ...univariate, updateTape: momentum });
    const wanted = byHand(100, 0.9, () => everyone);
    close(found.run(100), wanted.losses);
    close([...found.params.w, ...found.params.b], [wanted.w, wanted.b]);
    close([...found.state.v.w, ...found.state.v.b], [wanted.vw, wanted.vb]);
  });
  test.each([1, 3, 4, 11, 50])('batches of %i', (batchSize) => {
    const found = descent({ ...univariate, updateTape: momentum, batchSize, seed: 8 });
    const wanted = byHand(60, 0.9, (t) => batch(8, t, m, batchSize));
    close(found.run(60), wanted.losses);
    close([...found.params.w, ...found.params.b], [wanted.w, wanted.b]);
  });
  test('steps one by one, and the start is left alone', () => {
    const params = { w: 0.5, b: { shape: [], data: Float64Array.of(-0.25) } };
    const one = descent({ ...univariate, params, updateTape: momentum, batchSize: 4 });
    const all = descent({ ...univariate, updateTape: momentum, batchSize: 4 }).run(7);
    expect(Array.from({ length: 7 }, one.step)).toEqual([...all]);
    expect(one.t).toBe(7);
    expect(params.b.data[0]).toBe(-0.25);
    expect(one.params.b[0]).not.toBe(-0.25);
  });
});

describe('a two-layer network', () => {
  const [X, Y] = [draw(2, m), draw(1, m)];
  const params = { W1: draw(5, 2, 2), b1: draw(5, 1), w2: draw(1, 5), b2: 0.5 };

  /** Loss and gradient one example and one unit at a time: the mean of (w2 s(W1 x + b1) + b2 - y)^2. */
  function slope(W1: number[][], b1: number[], w2: number[], b2: number) {
    const [dW1, db1, dw2] = [W1.map((row) => row.map(() => 0)), b1.map(() => 0), w2.map(() => 0)];
    let [loss, db2] = [0, 0];
    for (const e of everyone) {
      const a = W1.map((row, h) => 1 / (1 + Math.exp(-(row[0] * X[0][e] + row[1] * X[1][e] + b1[h])))); // prettier-ignore
      const r = a.reduce((sum, x, h) => sum + w2[h] * x, b2) - Y[0][e];
      loss += (r * r) / m;
      const d = (2 * r) / m;
      db2 += d;
      a.forEach((x, h) => {
        dw2[h] += d * x;
        const inner = d * w2[h] * x * (1 - x);
        db1[h] += inner;
        dW1[h].forEach((_, i) => (dW1[h][i] += inner * X[i][e]));
      });
    }
    return { loss, dW1, db1, dw2, db2 };
  }

  test('gradient descent', () => {
    const data = { X, Y };
    const settings = { gradientTape: model('two_layer_sigmoid'), data, params };
    const found = descent({ ...settings, updateTape: gradientDescent });
    const W1 = params.W1.map((row) => [...row]);
    const b1 = params.b1.map(([x]) => x);
    const w2 = [...params.w2[0]];
    let b2 = params.b2;
    const losses = Array.from({ length: 100 }, () => {
      const { loss, dW1, db1, dw2, db2 } = slope(W1, b1, w2, b2);
      W1.forEach((row, h) => row.forEach((_, i) => (row[i] -= dW1[h][i] / 20)));
      b1.forEach((_, h) => (b1[h] -= db1[h] / 20));
      w2.forEach((_, h) => (w2[h] -= dw2[h] / 20));
      b2 -= db2 / 20;
      return loss;
    });
    close(found.run(100), losses);
    close(found.params.W1, W1.flat());
    close(found.params.b1, b1);
    close(found.params.w2, w2);
    close(found.params.b2, [b2]);
    expect(losses[99]).toBeLessThan(losses[0]);
  });
});

describe('what an update may read', () => {
  const first = slopeOfLine(0.5, -0.25, everyone);
  test('the step, from 1', () => {
    const update = updateTape(['t'], [times(1, '-1', '20', 2), add(0, 3)], { w: 4 });
    const found = descent({ ...univariate, updateTape: update });
    found.step();
    close(found.params.w, [0.5 - first.dw / 20]);
    const second = slopeOfLine(found.params.w[0], found.params.b[0], everyone);
    const before = found.params.w[0];
    found.step();
    close(found.params.w, [before - (2 * second.dw) / 20]);
  });
  test('the length of the whole gradient', () => {
    const update = updateTape(['norm'], [times(0, '1', '1', 2)], { w: 3 });
    const found = descent({ ...univariate, updateTape: update });
    found.step();
    const norm = Math.hypot(first.dw, first.db);
    close([...found.params.w, ...found.params.b], [0.5 * norm, -0.25 * norm]);
  });
  test('a slot that becomes what w was', () => {
    const update = updateTape(['last'], [times(1, '-1', '20'), add(0, 3)], { w: 4, last: 0 });
    const found = descent({ ...univariate, updateTape: update });
    found.step();
    expect([...found.state.last.w, ...found.state.last.b]).toEqual([0.5, -0.25]);
  });
});

describe('divergence', () => {
  test('names the step and leaves what was reached', () => {
    const update = updateTape([], [times(1, '-1000000'), add(0, 2)], { w: 3 });
    const found = descent({ ...univariate, updateTape: update });
    let error: unknown;
    try {
      found.run(1000);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DivergenceError);
    const { step, loss, message } = error as DivergenceError;
    expect(message).toBe(`the descent diverged: the loss of step ${step} is ${loss}; try a smaller learning rate`); // prettier-ignore
    expect(loss).toBe(Infinity);
    expect(found.t).toBe(step - 1);
    expect([...found.params.w, ...found.params.b].every(Number.isFinite)).toBe(true);
    expect(() => found.step()).toThrow(message);
  });
});

describe('what does not fit is refused', () => {
  const start = (changed: Partial<Settings>) => () =>
    descent({ ...univariate, updateTape: gradientDescent, ...changed });
  test('data and parameters', () => {
    expect(start({ data: { x: line.x } })).toThrow('"y" is missing from the data of "univariate"');
    expect(start({ params: { w: 1 } })).toThrow('"b" is missing from the parameters');
    expect(start({ data: { ...line, z: 1 } })).toThrow('unknown input "z", expected one of x, y, w, b'); // prettier-ignore
    expect(start({ data: { ...line, y: [[1, 2]] } })).toThrow('"y" has shape (1, 2), expected (1, m), and m is 11'); // prettier-ignore
    expect(start({ data: { ...line, y: line.y[0] } })).toThrow('"y" has shape (11,), expected (1, m)'); // prettier-ignore
    expect(start({ data: { ...line, y: [...line.y, ...line.y] } })).toThrow('"y" has shape (2, 11), expected (1, m), and 1 is 1'); // prettier-ignore
  });
  test('batches', () => {
    expect(start({ batchSize: 0 })).toThrow('batch size 0: write a whole number from 1 to 11');
    expect(start({ batchSize: 4, examplesDim: 'k' })).toThrow('batches need a dim that all data share: give examplesDim, one of m'); // prettier-ignore
  });
  test('an update without a new value for its slot', () => {
    const update = updateTape(['v'], [times(1, '-1'), add(0, 3)], { w: 4 });
    expect(start({ updateTape: update })).toThrow('unknown gradient "v", expected one of w');
  });
});

describe('examples', () => {
  /** L = mean over k of (s x_k - y_k)^2 with a scale s that is data, and y in rows. */
  const tape: Tape = {
    version: 1,
    model: 'rows',
    dims: ['k'],
    inputs: [
      { slot: 0, name: 'x', role: 'data', shape: ['k', '2'] },
      { slot: 1, name: 's', role: 'data', shape: [] },
      { slot: 2, name: 'w', role: 'parameter', shape: ['2'] },
    ],
    ops: [
      { slot: 3, kind: 'ein', args: [0, 1, 2], letters: [[0, 1], [], [1]], out: [], coefficient: { numerator: '1', denominator: '1', dims: { k: '-1' } }, shape: [] },
      { slot: 4, kind: 'ein', args: [0, 1], letters: [[1, 0], []], out: [0], coefficient: { numerator: '1', denominator: '1', dims: { k: '-1' } }, shape: ['2'] },
    ],
    names: {},
    loss: 3,
    gradients: { w: 4 },
  }; // prettier-ignore
  test('along any axis of a dim of any name, beside data without it', () => {
    const x = [[1, 10], [2, 20], [3, 30], [4, 40], [5, 50]]; // prettier-ignore
    const data = { x, s: 2 };
    const settings = { gradientTape: tape, updateTape: gradientDescent, data, params: { w: [1, 0] } }; // prettier-ignore
    const found = descent({ ...settings, batchSize: 2, seed: 4, examplesDim: 'k' });
    const mean = (t: number, column: number) => {
      const chosen = [...batch(4, t, 5, 2)];
      return chosen.reduce((sum, i) => sum + x[i][column], 0) / chosen.length;
    };
    let w = [1, 0];
    for (let t = 0; t < 7; t++) {
      const slope = [2 * mean(t, 0), 2 * mean(t, 1)];
      close([found.step()], [w[0] * slope[0] + w[1] * slope[1]]);
      w = w.map((v, i) => v - slope[i] / 20);
      close(found.params.w, w);
    }
  });
  test('not along a dim that an array has twice', () => {
    const inputs = tape.inputs.map((one) =>
      one.name === 'x' ? { ...one, shape: ['k', 'k'] } : one,
    );
    const settings = { gradientTape: { ...tape, inputs, ops: [], loss: 2, gradients: { w: 2 } }, updateTape: gradientDescent }; // prettier-ignore
    const data = { x: [[1, 2], [3, 4]], s: 2 }; // prettier-ignore
    const start = () => descent({ ...settings, data, params: { w: [1, 0] }, batchSize: 1, examplesDim: 'k' }); // prettier-ignore
    expect(start).toThrow('"x" has k on two axes: examples cannot be picked from it');
  });
  test('without a dim that all data share, it must be named', () => {
    const data = { x: [[1, 10]], s: 2 };
    const settings = { gradientTape: tape, updateTape: gradientDescent, data, params: { w: [1, 0] } }; // prettier-ignore
    expect(() => descent({ ...settings, batchSize: 1 })).toThrow('give examplesDim, one of k');
    expect(descent(settings).step()).toBe(2);
  });
});
