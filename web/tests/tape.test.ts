import { describe, expect, test } from 'vitest';
import { contraction } from '../src/runtime/contraction.js';
import { coefficientValue } from '../src/runtime/format.js';
import { link } from '../src/runtime/tape.js';
import type { Tape } from '../src/runtime/tape.js';
import { bruteEin, matrixCases, randomCase, shapeOf, stream, volume } from './brute.js';

const plain = (numerator = '1', dims: Record<string, string> = {}, denominator = '1') => ({
  numerator,
  denominator,
  dims,
});

/** Y_hat = sigmoid(W2 tanh(W1 X + b1)), L = mean cross-entropy; the gradient as a textbook has it. */
const network: Tape = {
  version: 1,
  model: 'two_layer_sigmoid',
  dims: ['n_x', 'm', 'n_h'],
  inputs: [
    { slot: 0, name: 'X', role: 'data', shape: ['n_x', 'm'] },
    { slot: 1, name: 'Y', role: 'data', shape: ['1', 'm'] },
    { slot: 2, name: 'W1', role: 'parameter', shape: ['n_h', 'n_x'] },
    { slot: 3, name: 'b1', role: 'parameter', shape: ['n_h', '1'] },
    { slot: 4, name: 'W2', role: 'parameter', shape: ['1', 'n_h'] },
  ],
  ops: [
    { slot: 10, kind: 'ein', args: [2, 0], letters: [[0, 2], [2, 1]], out: [0, 1], coefficient: plain(), shape: ['n_h', 'm'] },
    { slot: 11, kind: 'ein', args: [3], letters: [[0, 2]], out: [0, 1], coefficient: plain(), shape: ['n_h', 'm'] },
    { slot: 12, kind: 'add', args: [10, 11], shape: ['n_h', 'm'] },
    { slot: 13, kind: 'map', op: 'tanh', args: [12], parameters: {}, shape: ['n_h', 'm'] },
    { slot: 14, kind: 'ein', args: [4, 13], letters: [[0, 2], [2, 1]], out: [0, 1], coefficient: plain(), shape: ['1', 'm'] },
    { slot: 15, kind: 'map', op: 'softplus', args: [14], parameters: {}, shape: ['1', 'm'] },
    { slot: 16, kind: 'ein', args: [1, 14], letters: [[0, 1], [0, 1]], out: [0, 1], coefficient: plain('-1'), shape: ['1', 'm'] },
    { slot: 17, kind: 'add', args: [15, 16], shape: ['1', 'm'] },
    { slot: 18, kind: 'ein', args: [17], letters: [[0, 1]], out: [], coefficient: plain('1', { m: '-1' }), shape: [] },
    { slot: 20, kind: 'map', op: 'sigmoid', args: [14], parameters: {}, shape: ['1', 'm'] },
    { slot: 21, kind: 'ein', args: [1], letters: [[0, 1]], out: [0, 1], coefficient: plain('-1'), shape: ['1', 'm'] },
    { slot: 22, kind: 'add', args: [20, 21], shape: ['1', 'm'] },
    { slot: 23, kind: 'ein', args: [22, 13], letters: [[0, 1], [2, 1]], out: [0, 2], coefficient: plain('1', { m: '-1' }), shape: ['1', 'n_h'] },
    { slot: 24, kind: 'ein', args: [4, 22], letters: [[2, 0], [2, 1]], out: [0, 1], coefficient: plain('1', { m: '-1' }), shape: ['n_h', 'm'] },
    { slot: 25, kind: 'map', op: 'square', args: [13], parameters: {}, shape: ['n_h', 'm'] },
    { slot: 26, kind: 'ein', args: [], letters: [], out: [0, 1], coefficient: plain(), shape: ['n_h', 'm'] },
    { slot: 27, kind: 'ein', args: [25], letters: [[0, 1]], out: [0, 1], coefficient: plain('-1'), shape: ['n_h', 'm'] },
    { slot: 28, kind: 'add', args: [26, 27], shape: ['n_h', 'm'] },
    { slot: 29, kind: 'ein', args: [24, 28], letters: [[0, 1], [0, 1]], out: [0, 1], coefficient: plain(), shape: ['n_h', 'm'] },
    { slot: 30, kind: 'ein', args: [29, 0], letters: [[0, 1], [2, 1]], out: [0, 2], coefficient: plain(), shape: ['n_h', 'n_x'] },
    { slot: 31, kind: 'ein', args: [29], letters: [[0, 1]], out: [0, 2], coefficient: plain(), shape: ['n_h', '1'] },
  ],
  names: { Z1: 12, A1: 13, Z2: 14, dZ1: 29 },
  loss: 18,
  gradients: { W1: 30, b1: 31, W2: 23 },
}; // prettier-ignore

const sizes = { n_x: 3, m: 7, n_h: 4 };

function started() {
  const random = stream(7);
  const draw = (n: number) => Array.from({ length: n }, () => 4 * random() - 2);
  const program = link(network, sizes);
  program.set('X', draw(21));
  program.set('Y', draw(7).map((x) => (x > 0 ? 1 : 0))); // prettier-ignore
  for (const name of ['W1', 'b1', 'W2']) program.set(name, draw(program.value(name).length));
  program.run();
  return program;
}

describe('a two-layer network', () => {
  test('its loss by hand: with W2 = 0 every guess is 1/2', () => {
    const program = started();
    program.set('W2', [0, 0, 0, 0]);
    program.run();
    expect(program.loss()).toBeCloseTo(Math.LN2, 15);
    expect([...program.gradient('b1')]).toEqual([0, 0, 0, 0].map((x) => expect.closeTo(x, 15)));
  });
  test('its loss one example at a time', () => {
    const program = started();
    const [X, Y, W1, b1, W2] = ['X', 'Y', 'W1', 'b1', 'W2'].map((name) => program.value(name));
    let loss = 0;
    for (let e = 0; e < 7; e++) {
      let z = 0;
      for (let h = 0; h < 4; h++) {
        const inner = W1[3 * h] * X[e] + W1[3 * h + 1] * X[7 + e] + W1[3 * h + 2] * X[14 + e];
        z += W2[h] * Math.tanh(inner + b1[h]);
      }
      const guess = 1 / (1 + Math.exp(-z));
      loss -= Math.log(Y[e] === 1 ? guess : 1 - guess) / 7;
    }
    expect(Math.abs(program.loss() / loss - 1)).toBeLessThan(1e-13);
  });
  test.each(['W1', 'b1', 'W2'])('its gradient for %s against finite differences', (name) => {
    const program = started();
    const gradient = [...program.gradient(name)];
    const start = [...program.value(name)];
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-3);
    const h = 1e-5; // error about h^2 = 1e-10 from the formula, 1e-16 / h = 1e-11 from rounding
    const lossAt = (i: number, by: number) => {
      program.set(name, start.with(i, start[i] + by));
      program.run();
      return program.loss();
    };
    start.forEach((_, i) => {
      const difference = (lossAt(i, h) - lossAt(i, -h)) / (2 * h);
      expect(Math.abs(difference - gradient[i])).toBeLessThan(1e-9);
    });
  });
  test('running again gives the same, and hands out the same arrays', () => {
    const program = started();
    const before = { loss: program.loss(), dW1: [...program.gradient('W1')] };
    const live = program.gradient('W1');
    program.run();
    program.run();
    expect(program.loss()).toBe(before.loss);
    expect([...live]).toEqual(before.dW1);
    expect(program.gradient('W1')).toBe(live);
    expect(program.shape('A1')).toEqual([4, 7]);
    expect(program.value('dZ1')).toHaveLength(28);
  });
  test('programs do not share state', () => {
    const [one, two] = [started(), started()];
    one.set('W2', [0, 0, 0, 0]);
    one.run();
    expect(two.loss()).not.toBe(one.loss());
    expect(two.loss()).toBe(started().loss());
  });
});

describe('set', () => {
  test('takes flat lists, typed arrays, nested lists and numbers', () => {
    const program = link(network, { n_x: 2, m: 2, n_h: 1 });
    for (const X of [
      [1, 2, 3, 4],
      Float64Array.of(1, 2, 3, 4),
      [
        [1, 2],
        [3, 4],
      ],
    ]) {
      // prettier-ignore
      program.set('X', [0, 0, 0, 0]);
      program.set('X', X);
      expect([...program.value('X')]).toEqual([1, 2, 3, 4]);
    }
    program.set('b1', 5);
    expect([...program.value('b1')]).toEqual([5]);
  });
  test('says what is expected', () => {
    const program = link(network, { n_x: 2, m: 2, n_h: 1 });
    expect(() => program.set('X', [1, 2])).toThrow('"X": got 2 numbers, expected 4 numbers, shape (2, 2)'); // prettier-ignore
    expect(() => program.set('X', [[1, 2, 3, 4]])).toThrow('"X": got shape (1, 4), expected 4 numbers, shape (2, 2)'); // prettier-ignore
    expect(() => program.set('X', [1, 2, 3, '4'])).toThrow('"X": entry 3 is string');
    expect(() => program.set('x', 1)).toThrow('unknown input "x", expected one of X, Y, W1, b1, W2'); // prettier-ignore
    expect(() => program.value('A2')).toThrow('unknown value "A2", expected one of X, Y, W1, b1, W2, Z1'); // prettier-ignore
    expect(() => program.gradient('X')).toThrow('unknown gradient "X", expected one of W1, b1, W2');
    expect(() => program.value('constructor')).toThrow('unknown value');
  });
});

type Op = Tape['ops'][number];

/** A tape with inputs x, y, z of one shape and one op. */
function single(op: object, shape = ['a', 'b'], out = shape): Tape {
  const inputs = ['x', 'y', 'z'].map((name, slot) => ({ slot, name, role: 'data', shape }));
  return {
    version: 1,
    model: 'single',
    dims: ['a', 'b'],
    inputs,
    ops: [{ slot: 9, shape: out, ...op } as Op],
    names: { out: 9 },
    loss: 9,
    gradients: {},
  };
}

function runSingle(op: object, given: number[][], shape = ['2', '3'], out = shape): number[] {
  const program = link(single(op, shape, out), { a: 2, b: 3 });
  given.forEach((values, i) => program.set('xyz'[i], values));
  program.run();
  program.run(); // the second run must not see the first
  return [...program.value('out')];
}

const close = (got: number[], wanted: number[]) => {
  expect(got).toHaveLength(wanted.length);
  got.forEach((x, i) => {
    const y = wanted[i];
    const fits = x === y || (x !== x && y !== y) || Math.abs(x - y) <= 1e-14 * Math.abs(y);
    expect(fits, `entry ${i}: got ${x}, expected ${y}`).toBe(true);
  });
};

describe('maps', () => {
  const ln = Math.log;
  test.each<[string, number[], number[], Record<string, string>?]>([
    ['exp', [0, ln(2)], [1, 2]],
    ['log', [1, 0], [0, -Infinity]],
    ['sqrt', [9, 0], [3, 0]],
    ['square', [-3, 4], [9, 16]],
    ['power', [-2, 3], [4, 9], { exponent: '2' }],
    ['power', [4, 9], [2, 3], { exponent: '1/2' }],
    ['power', [4, -2], [0.25, -0.5], { exponent: '-1' }],
    ['power', [4, 9], [8, 27], { exponent: '3/2' }],
    ['reciprocal', [4, -0.5], [0.25, -2]],
    ['abs', [-4, 4], [4, 4]],
    ['sign', [-4, 0], [-1, 0]],
    ['tanh', [ln(2), -1000], [3 / 5, -1]],
    ['sigmoid', [1000, -1000], [1, 0]],
    ['sigmoid', [ln(3), -ln(3)], [3 / 4, 1 / 4]],
    ['relu', [-2, NaN], [0, NaN]],
    ['leaky_relu', [-2, 3], [-0.02, 3], { slope: '1/100' }],
    ['softplus', [1000, ln(3)], [1000, ln(4)]],
    ['sin', [0, Math.PI / 2], [0, 1]],
    ['cos', [0, Math.PI], [1, -1]],
    ['step', [0, 2], [0, 1]],
    ['clip', [-5, 0.5], [-1, 0.5], { low: '-1', high: '2' }],
    ['inside', [2, 0.5], [0, 1], { low: '-1', high: '2' }],
    ['huber', [1, -5], [0.5, 8], { delta: '2' }],
  ])('%s of %j', (op, x, y, parameters = {}) => {
    close(runSingle({ kind: 'map', op, args: [0], parameters }, [x], ['2']), y);
  });
  test.each([
    ['pow', [2, 9, 1]],
    ['maximum', [2, 3, 1]],
    ['minimum', [1, 2, 1]],
    ['greater', [0, 1, 0]],
    ['greater_equal', [0, 1, 1]],
    ['less', [1, 0, 0]],
    ['less_equal', [1, 0, 1]],
    ['equal', [0, 0, 1]],
  ])('%s', (op, wanted) => {
    const x = op === 'pow' ? [2, 3, 1] : [1, 3, 1];
    const y = op === 'pow' ? [1, 2, NaN] : [2, 2, 1];
    close(runSingle({ kind: 'map', op, args: [0, 1], parameters: {} }, [x, y], ['3']), wanted);
  });
  test('where', () => {
    const op = { kind: 'map', op: 'where', args: [0, 1, 2], parameters: {} };
    close(runSingle(op, [[1, 0], [2, 3], [4, 5]], ['2']), [2, 5]); // prettier-ignore
  });
});

describe('add, axis, select, place', () => {
  const x = [1, 5, 3, 4, 2, 6];
  test('add', () => {
    close(runSingle({ kind: 'add', args: [0] }, [x]), x);
    close(runSingle({ kind: 'add', args: [0, 1] }, [x, x]), x.map((v) => 2 * v)); // prettier-ignore
    close(runSingle({ kind: 'add', args: [0, 1, 0, 2] }, [x, x, x]), x.map((v) => 4 * v)); // prettier-ignore
  });
  test('max and logsumexp', () => {
    const op = { kind: 'axis', op: 'max', args: [0] };
    close(runSingle({ ...op, axes: [0] }, [x], ['2', '3'], ['1', '3']), [4, 5, 6]);
    close(runSingle({ ...op, axes: [1] }, [x], ['2', '3'], ['2', '1']), [5, 6]);
    close(runSingle({ ...op, axes: [0, 1] }, [x], ['2', '3'], ['1', '1']), [6]);
    close(runSingle({ ...op, axes: [0, 2] }, [[...x, 0, 7]], ['2', '2', '2'], ['1', '2', '1']), [6, 7]); // prettier-ignore
    close(runSingle({ ...op, axes: [0] }, [[1, NaN]], ['2'], ['1']), [NaN]);
    const lse = { kind: 'axis', op: 'logsumexp', args: [0], axes: [1] };
    close(runSingle(lse, [[1000, 1000, -Infinity, -Infinity]], ['2', '2'], ['2', '1']), [1000 + Math.LN2, -Infinity]); // prettier-ignore
  });
  test('softmax and log_softmax', () => {
    const logs = [1, 2, 3, 4, 5, 6].map(Math.log);
    const op = { kind: 'axis', op: 'softmax', args: [0] };
    close(runSingle({ ...op, axes: [0] }, [logs]), [1 / 5, 2 / 7, 3 / 9, 4 / 5, 5 / 7, 6 / 9]);
    close(runSingle({ ...op, axes: [0] }, [[1000, 0, -1000]], ['3']), [1, 0, 0]);
    close(runSingle({ ...op, op: 'log_softmax', axes: [0] }, [[1000, 0, -1000]], ['3']), [0, -1000, -2000]); // prettier-ignore
  });
  test('select and place', () => {
    close(runSingle({ kind: 'select', args: [0], axis: 0, index: 1 }, [x], ['2', '3'], ['3']), [4, 2, 6]); // prettier-ignore
    close(runSingle({ kind: 'select', args: [0], axis: 1, index: 2 }, [x], ['2', '3'], ['2']), [3, 6]); // prettier-ignore
    close(runSingle({ kind: 'place', args: [0], axis: 1, index: 0 }, [[1, 2]], ['2'], ['2', '2']), [1, 0, 2, 0]); // prettier-ignore
    close(runSingle({ kind: 'place', args: [0], axis: 0, index: 1 }, [[1, 2]], ['2'], ['3', '2']), [0, 0, 1, 2, 0, 0]); // prettier-ignore
  });
});

describe('contraction', () => {
  const check = (one: ReturnType<typeof randomCase>, tolerance: number) => {
    const output = new Float64Array(volume(shapeOf(one.out, one.sizes)));
    const operands = one.operands.map((data) => Float64Array.from(data));
    const runs = contraction(-0.5, operands, one.letters, one.out, one.sizes, output);
    for (const _ of [1, 2]) runs.forEach((run) => run());
    const wanted = bruteEin(-0.5, one);
    wanted.forEach((x, i) => expect(Math.abs(x - output[i])).toBeLessThan(tolerance));
  };
  test('random letters', () => {
    const random = stream(11);
    for (let i = 0; i < 500; i++) check(randomCase(random), 1e-12);
  });
  test('matrix products in every transposition', () => {
    matrixCases(stream(2)).forEach((one) => check(one, 1e-13));
  });
  test('five letters', () => {
    const random = stream(3);
    const draw = (n: number) => Array.from({ length: n }, () => random());
    const letters = [[0, 1, 3, 4], [4, 2, 1, 0]]; // prettier-ignore
    const shared = { operands: [draw(240), draw(180)], letters, sizes: [3, 4, 3, 4, 5] };
    check({ ...shared, out: [3, 1, 0, 2] }, 1e-12);
    check({ ...shared, out: [2, 3] }, 1e-12);
  });
});

describe('coefficients', () => {
  test.each([
    [plain('2', { m: '-1' }), 2 / 7],
    [plain('-3', { m: '2', n: '-1' }, '10'), (-3 * 49) / 30],
    [plain('1', { n: '-1/2' }), 3 ** -0.5],
    [plain('1', { '9': '1/2' }), 3],
    [plain('0', { m: '1' }), 0],
    [plain('1', {}, '10'), 0.1],
    [plain(`1${'0'.repeat(400)}`, {}, `3${'0'.repeat(400)}`), 1 / 3],
    [plain(`-1${'0'.repeat(30)}`, {}, '1'), -1e30],
    [plain('1', {}, `1${'0'.repeat(310)}`), 1e-310],
    [plain(String(2n ** 60n + 1n), {}, String(2n ** 61n)), 0.5],
  ])('%j', (coefficient, value) => {
    expect(coefficientValue(coefficient, { m: 7, n: 3 })).toBe(value);
  });
  test('errors', () => {
    expect(() => coefficientValue(plain('1', { k: '1' }), { m: 7 })).toThrow('missing size for dim "k"'); // prettier-ignore
    expect(() => coefficientValue(plain('1.5'), {})).toThrow('numerator must be an integer or a fraction'); // prettier-ignore
    expect(() => coefficientValue(plain('1', {}, '0'), {})).toThrow('coefficient divides by zero');
    expect(() => coefficientValue(plain('1', { m: '1/0' }), { m: 2 })).toThrow('power of dim "m" must be'); // prettier-ignore
  });
});

describe('a tape that does not fit says so', () => {
  const one = { kind: 'map', op: 'exp', args: [0], parameters: {} };
  const linked = (op: object, out?: string[]) => () => link(single(op, ['a', 'b'], out), { a: 2, b: 3 }); // prettier-ignore
  test('version, sizes, slots', () => {
    expect(() => link({ ...network, version: 2 }, sizes)).toThrow('unknown tape version 2: this runtime reads version 1'); // prettier-ignore
    expect(() => link(network, { n_x: 3, m: 7 })).toThrow('missing size for dim "n_h": got {"n_x":3,"m":7}'); // prettier-ignore
    expect(() => link(network, { ...sizes, m: 1.5 })).toThrow('size of dim "m" must be a whole number, not 1.5'); // prettier-ignore
    expect(linked({ ...one, args: [8] })).toThrow('tape "single", slot 9: slot 8 is read before it is written'); // prettier-ignore
    expect(linked({ ...one, slot: 1 })).toThrow('slot 1 is written twice');
    expect(() => link({ ...network, loss: 99 }, sizes)).toThrow('slot 99 is read');
  });
  test('kinds and ops', () => {
    expect(linked({ ...one, kind: 'maps' })).toThrow('unknown kind "maps", expected one of ein, add, map, axis, select, place'); // prettier-ignore
    expect(linked({ ...one, op: 'gelu' })).toThrow('unknown map op "gelu", expected one of exp, log,'); // prettier-ignore
    expect(linked({ kind: 'axis', op: 'median', args: [0], axes: [0] })).toThrow('unknown axis op "median", expected one of max, logsumexp, softmax, log_softmax'); // prettier-ignore
    expect(linked({ ...one, op: 'huber' })).toThrow('parameter "delta" of "huber" must be an integer or a fraction such as "1/100", not undefined'); // prettier-ignore
    expect(linked({ ...one, op: 'pow' })).toThrow('"pow" takes 2 arguments, got 1');
  });
  test('shapes', () => {
    expect(linked(one, ['b', 'a'])).toThrow('"exp" expects arguments of shape (3, 2), got (2, 3)');
    expect(linked({ kind: 'add', args: [0, 1] }, ['a'])).toThrow('add expects arguments of shape (2,), got (2, 3)'); // prettier-ignore
    expect(linked({ kind: 'add', args: [] })).toThrow('add takes 1 arguments, got 0');
    expect(linked({ kind: 'axis', op: 'max', args: [0], axes: [0] })).toThrow('"max" gives shape (1, 3), the tape says (2, 3)'); // prettier-ignore
    expect(linked({ kind: 'axis', op: 'max', args: [0], axes: [2] })).toThrow('axis 2 is not between 0 and 1'); // prettier-ignore
    expect(linked({ kind: 'select', args: [0], axis: 0, index: 2 }, ['b'])).toThrow('index 2 is not between 0 and 1'); // prettier-ignore
    expect(linked({ kind: 'place', args: [0], axis: 0, index: 0 }, ['2', 'b', 'a'])).toThrow('place gives shape (3, 2), the tape says (2, 3)'); // prettier-ignore
    const ein = { kind: 'ein', args: [0], coefficient: plain(), out: [1, 0], letters: [[0, 1]] };
    expect(linked(ein)).toThrow('letter 1 of ein is 3 long, but 2 in the output');
    expect(linked({ ...ein, letters: [[0]] })).toThrow('argument 0 of ein has 1 letters for shape (2, 3)'); // prettier-ignore
    expect(linked({ ...ein, letters: [] })).toThrow('ein takes 0 arguments, got 1');
  });
});
