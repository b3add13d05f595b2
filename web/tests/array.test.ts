import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as A from '../src/runtime/array.js';
import { bruteEin, matrixCases, randomCase, shapeOf, stream } from './brute.js';

const { array, nested } = A;

/** Equal nesting, entries within 1e-14 relative (a few roundings), NaN and infinities exactly. */
function near(got: ReturnType<typeof array>, wanted: Parameters<typeof array>[0]): void {
  const expected = array(wanted);
  expect(got.shape).toEqual(expected.shape);
  expect(got.data.length).toBe(expected.data.length);
  got.data.forEach((x, i) => {
    const y = expected.data[i];
    const fits = Object.is(x, y) || Math.abs(x - y) <= 1e-14 * Math.abs(y);
    expect(fits, `entry ${i}: got ${x}, expected ${y}`).toBe(true);
  });
}

test('near rejects a wrong value, a wrong shape and a missing NaN', () => {
  expect(() => near(array([1, 2]), [1, 2.0000000001])).toThrow();
  expect(() => near(array([[1, 2]]), [1, 2])).toThrow();
  expect(() => near(array([1]), [NaN])).toThrow();
  expect(() => near(array([NaN]), [1])).toThrow();
});

describe('array and nested', () => {
  test.each([
    3,
    [],
    [1, 2],
    [[1], [2]],
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [[], []],
  ])('%j and back', (x) => {
    expect(nested(array(x))).toEqual(x);
  });
  test('shapes', () => {
    expect(array(3)).toEqual({ shape: [], data: Float64Array.of(3) });
    expect(array([[1, 2, 3], [4, 5, 6]])).toEqual({ shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) }); // prettier-ignore
    expect(array([[], []]).shape).toEqual([2, 0]);
  });
  test('an array is taken as it is', () => {
    const a = array([1]);
    expect(array(a)).toBe(a);
  });
  test('errors say which element', () => {
    expect(() => array([[1, 2], [3]])).toThrow(
      'array: element [1] has 1 entries, expected 2 (all parts of shape (2, 2) must be equally long)',
    );
    expect(() => array([[1, 2], 3])).toThrow('array: element [1] has no entries, expected 2');
    expect(() => array([[1], [[2]]])).toThrow('array: element [1][0] must be a number, not object');
    expect(() => array(['1'])).toThrow('array: element [0] must be a number, not string');
    expect(() => array(undefined as never)).toThrow('must be a number, not undefined');
    expect(() => array({ shape: [2], data: new Float64Array(3) })).toThrow(
      'array: shape (2,) does not hold 3 entries',
    );
    expect(() => array({ shape: [2] } as never)).toThrow('expected a number, nested lists');
  });
});

describe('shape', () => {
  const a = array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  test('full, reshape, transpose', () => {
    near(A.full([2, 1], 7), [[7], [7]]);
    near(A.reshape(a, [3, 2]), [[1, 2], [3, 4], [5, 6]]); // prettier-ignore
    near(A.transpose(a), [[1, 4], [2, 5], [3, 6]]); // prettier-ignore
    expect(() => A.reshape(a, [4])).toThrow(
      'reshape: (2, 3) does not have as many entries as (4,)',
    );
    expect(() => A.transpose(array([1]))).toThrow('got shape (1,)');
  });
  test('broadcastTo', () => {
    near(A.broadcastTo(array(2), [2, 2]), [[2, 2], [2, 2]]); // prettier-ignore
    near(A.broadcastTo(array([1, 2]), [2, 2]), [[1, 2], [1, 2]]); // prettier-ignore
    near(A.broadcastTo(array([[1], [2]]), [2, 3]), [[1, 1, 1], [2, 2, 2]]); // prettier-ignore
    near(A.broadcastTo(array([[1]]), [1, 1, 1]), [[[1]]]);
    expect(A.broadcastTo(array([[]]), [3, 0]).shape).toEqual([3, 0]);
    expect(() => A.broadcastTo(a, [3, 2])).toThrow('shape (2, 3) does not broadcast to (3, 2)');
    expect(() => A.broadcastTo(a, [3])).toThrow('shape (2, 3) does not broadcast to (3,)');
  });
  test('concat, slice, pad, select, place', () => {
    near(A.concat([a, array([[7, 8, 9]])], 0), [[1, 2, 3], [4, 5, 6], [7, 8, 9]]); // prettier-ignore
    near(A.concat([a, array([[7], [8]])], -1), [[1, 2, 3, 7], [4, 5, 6, 8]]); // prettier-ignore
    near(A.slice(a, 1, 1, 3), [[2, 3], [5, 6]]); // prettier-ignore
    near(A.slice(a, 0, 1, 2), [[4, 5, 6]]);
    near(A.pad(a, 1, 1, 0), [[0, 1, 2, 3], [0, 4, 5, 6]]); // prettier-ignore
    near(A.pad(a, 0, 0, 1), [[1, 2, 3], [4, 5, 6], [0, 0, 0]]); // prettier-ignore
    near(A.select(a, 0, 1), [4, 5, 6]);
    near(A.select(a, -1, 0), [1, 4]);
    near(A.place(array([1, 2]), 0, 1, 3), [[0, 0], [1, 2], [0, 0]]); // prettier-ignore
    near(A.place(array([1, 2]), -1, 0, 2), [[1, 0], [2, 0]]); // prettier-ignore
    near(A.place(array(5), 0, 1, 3), [0, 5, 0]);
    expect(() => A.concat([a, array([[1, 2]])], 0)).toThrow('shapes (2, 3) and (1, 2) differ');
    expect(() => A.slice(a, 1, 2, 4)).toThrow('slice: 2:4 is not within axis 1 of shape (2, 3)');
    expect(() => A.select(a, 2, 0)).toThrow('axis 2 is not an axis of shape (2, 3)');
    expect(() => A.place(array(1), 0, 3, 3)).toThrow('place: entry 3 is not within an axis of 3');
  });
});

describe('ein', () => {
  const check = (one: ReturnType<typeof randomCase>, tolerance: number) => {
    const operands = one.operands.map((data, i) => ({
      shape: shapeOf(one.letters[i], one.sizes),
      data: Float64Array.from(data),
    }));
    const got = A.ein(1.5, operands, one.letters, one.out, one.sizes);
    const wanted = bruteEin(1.5, one);
    expect(got.shape).toEqual(shapeOf(one.out, one.sizes));
    expect(got.data.length).toBe(wanted.length);
    wanted.forEach((x, i) => {
      expect(Math.abs(x - got.data[i]), JSON.stringify(one)).toBeLessThan(tolerance);
    });
  };
  test('random letters', () => {
    const random = stream(5);
    // At most 4^4 terms of size below 1.5: the order of summation moves less than 1e-12.
    for (let i = 0; i < 500; i++) check(randomCase(random), 1e-12);
  });
  test('matrix products in every transposition', () => {
    matrixCases(stream(1)).forEach((one) => check(one, 1e-13));
  });
  test('a chain of matrices is multiplied pair by pair', () => {
    const plan = A.einPlan([[0, 1], [1, 2], [2]], [0], [9, 8, 7]); // prettier-ignore
    expect(plan.map((stage) => stage.args)).toEqual([[1, 2], [3, 0]]); // prettier-ignore
  });
  test('a sum over nothing is zero', () => {
    near(A.ein(2, [A.full([3, 0], 1)], [[0, 1]], [0], [3, 0]), [0, 0, 0]);
  });
  test('shapes must fit the letters', () => {
    expect(() => A.ein(1, [array([1, 2])], [[0]], [], [3])).toThrow(
      'ein: operand 0 has shape (2,), its letters (3,)',
    );
  });
});

describe('products and sums', () => {
  const a = array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  test('matmul with vectors as in NumPy', () => {
    near(A.matmul(a, array([[1, 0], [0, 1], [1, 1]])), [[4, 5], [10, 11]]); // prettier-ignore
    near(A.matmul(a, array([1, 1, 1])), [6, 15]);
    near(A.matmul(array([1, 1]), a), [5, 7, 9]);
    near(A.matmul(array([1, 2]), array([3, 4])), 11);
    expect(() => A.matmul(a, a)).toThrow('matmul: shapes (2, 3) and (2, 3) do not fit');
    expect(() => A.matmul(a, array(2))).toThrow('matmul: shapes (2, 3) and () do not fit');
  });
  test('sum', () => {
    near(A.sum(a), 21);
    near(A.sum(a, undefined, true), [[21]]);
    near(A.sum(a, 0), [5, 7, 9]);
    near(A.sum(a, -1), [6, 15]);
    near(A.sum(a, 1, true), [[6], [15]]);
    near(A.sum(a, [0, 1]), 21);
    near(A.sum(A.reshape(a, [1, 2, 3]), [0, 2]), [6, 15]);
    near(A.sum(A.reshape(a, [3, 1, 2]), [2, 0], true), [[[21]]]);
    near(A.sum(array(4)), 4);
    expect(() => A.sum(a, 2)).toThrow('axis 2 is not an axis of shape (2, 3)');
  });
  test('broadcasting', () => {
    near(A.add(a, array([10, 20, 30])), [[11, 22, 33], [14, 25, 36]]); // prettier-ignore
    near(A.add(a, array([[10], [20]]), array(100)), [[111, 112, 113], [124, 125, 126]]); // prettier-ignore
    near(A.add(array([[1], [2]]), array([10, 20])), [[11, 21], [12, 22]]); // prettier-ignore
    near(A.add(array([1, 2])), [1, 2]);
    near(A.sub(array(1), array([1, 2])), [0, -1]);
    near(A.mul(array([[2], [3]]), array([1, 10])), [[2, 20], [3, 30]]); // prettier-ignore
    near(A.div(array([1, 1]), array([4, 0])), [0.25, Infinity]);
    near(A.neg(array([1, -2])), [-1, 2]);
    near(A.scale(0.5, a), [[0.5, 1, 1.5], [2, 2.5, 3]]); // prettier-ignore
    expect(() => A.add(a, array([1, 2]))).toThrow('shapes (2, 3) and (2,) do not broadcast');
  });
});

describe('elementwise', () => {
  const ln = Math.log;
  const cases: [string, (a: ReturnType<typeof array>) => ReturnType<typeof array>, number[], number[]][] = [
    ['exp', A.exp, [0, ln(2), -Infinity], [1, 2, 0]],
    ['log', A.log, [1, Math.E, 0, -1], [0, 1, -Infinity, NaN]],
    ['sqrt', A.sqrt, [9, 0, -1], [3, 0, NaN]],
    ['square', A.square, [-3, 1e200], [9, Infinity]],
    ['power', (a) => A.power(a, 3), [-2, 10], [-8, 1000]],
    ['power -1/2', (a) => A.power(a, -0.5), [4, 0.25], [0.5, 2]],
    ['reciprocal', A.reciprocal, [4, -0.5, 0], [0.25, -2, Infinity]],
    ['abs', A.abs, [-4, 4, 0], [4, 4, 0]],
    ['sign', A.sign, [-4, 4, 0, -0], [-1, 1, 0, 0]],
    ['tanh', A.tanh, [0, ln(2), -1000, 1e-20], [0, 3 / 5, -1, 1e-20]],
    ['sigmoid', A.sigmoid, [0, ln(3), -ln(3), 1000, -1000], [0.5, 3 / 4, 1 / 4, 1, 0]],
    ['relu', A.relu, [-2, 0, 3], [0, 0, 3]],
    ['leakyRelu', (a) => A.leakyRelu(a, 0.25), [-2, 0, 3], [-0.5, 0, 3]],
    ['softplus', A.softplus, [0, ln(3), 1000, -1000], [ln(2), ln(4), 1000, 0]],
    ['sin', A.sin, [0, Math.PI / 2], [0, 1]],
    ['cos', A.cos, [0, Math.PI], [1, -1]],
    ['step', A.step, [-1, 0, 1e-300], [0, 0, 1]],
    ['clip', (a) => A.clip(a, -1, 2), [-5, 0.5, 5], [-1, 0.5, 2]],
    ['inside', (a) => A.inside(a, -1, 2), [-1, 0.5, 2], [0, 1, 0]],
    ['huber', (a) => A.huber(a, 2), [1, -2, 3, -5], [0.5, 2, 4, 8]],
  ]; // prettier-ignore
  test.each(cases)('%s', (_, f, x, y) => near(f(array(x)), y));

  test('the sign of -0 is 0', () => expect(nested(A.sign(array(-0)))).toBe(0));

  test('small and large arguments keep their accuracy', () => {
    near(A.softplus(array([-40, -700])), [Math.exp(-40), Math.exp(-700)]);
    near(A.sigmoid(array([-40, -740])), [Math.exp(-40), Math.exp(-740)]);
  });

  test.each(cases.filter(([name]) => !['step', 'inside'].includes(name)))(
    '%s keeps NaN and the shape',
    (_, f) => near(f(array([[NaN], [NaN]])), [[NaN], [NaN]]),
  );

  test('of two and three arguments', () => {
    const x = array([1, 2, 3]);
    const two = array(2);
    near(A.pow(two, x), [2, 4, 8]);
    near(A.maximum(x, two), [2, 2, 3]);
    near(A.minimum(x, two), [1, 2, 2]);
    near(A.greater(x, two), [0, 0, 1]);
    near(A.greaterEqual(x, two), [0, 1, 1]);
    near(A.less(x, two), [1, 0, 0]);
    near(A.lessEqual(x, two), [1, 1, 0]);
    near(A.equal(x, two), [0, 1, 0]);
    near(A.where(array([[1], [0]]), x, two), [[1, 2, 3], [2, 2, 2]]); // prettier-ignore
    near(A.maximum(array([NaN, 1]), array([1, NaN])), [NaN, NaN]);
    expect(() => A.where(x, array([1, 2]), two)).toThrow('shapes (3,) and (2,) and ()');
  });
});

describe('along axes', () => {
  const logs = array([[Math.log(1), Math.log(2)], [Math.log(3), Math.log(4)]]); // prettier-ignore
  test('max', () => {
    near(A.max(array([[1, 5], [7, 2]]), 0), [[7, 5]]); // prettier-ignore
    near(A.max(array([[1, 5], [7, 2]]), -1), [[5], [7]]); // prettier-ignore
    near(A.max(array([[1, 5], [7, 2]]), [0, 1]), [[7]]); // prettier-ignore
    near(A.max(array([1, NaN]), 0), [NaN]);
  });
  test('logsumexp', () => {
    near(A.logsumexp(logs, 0), [[Math.log(4), Math.log(6)]]);
    near(A.logsumexp(logs, [0, 1]), [[Math.log(10)]]);
    near(A.logsumexp(array([1000, 1000]), 0), [1000 + Math.log(2)]);
    near(A.logsumexp(array([-1000, -1000]), 0), [-1000 + Math.log(2)]);
    near(A.logsumexp(array([-Infinity, -Infinity]), 0), [-Infinity]);
    near(A.logsumexp(array([Infinity, 0]), 0), [Infinity]);
  });
  test('softmax and logSoftmax', () => {
    near(A.softmax(logs, 0), [[1 / 4, 2 / 6], [3 / 4, 4 / 6]]); // prettier-ignore
    near(A.softmax(logs, [0, 1]), [[0.1, 0.2], [0.3, 0.4]]); // prettier-ignore
    near(A.softmax(array([1000, 0, -1000]), 0), [1, 0, 0]);
    near(A.softmax(array([1000, 1000]), 0), [0.5, 0.5]);
    near(A.logSoftmax(array([1000, 0, -1000]), 0), [0, -1000, -2000]);
    near(A.logSoftmax(array([3, 3, 3, 3]), 0), new Array(4).fill(-Math.log(4)));
    near(A.softmax(array([NaN, 0]), 0), [NaN, NaN]);
  });
});

describe('the file as text, which Python cuts into functions', () => {
  const text = readFileSync(new URL('../src/runtime/array.js', import.meta.url), 'utf8');
  const code = text.replace(/\/\*\*[\s\S]*?\*\//g, '').replace(/^\/\/.*$/gm, '');
  const functions = new Map(
    [...code.matchAll(/^export function (\w+)\([\s\S]*?^\}$/gm)].map((m) => [m[1], m[0]]),
  );

  test('it is nothing but exported functions', () => {
    const rest = [...functions.values()].reduce((left, body) => left.replace(body, ''), code);
    expect(rest.trim()).toBe('');
    expect([...functions.keys()].sort()).toEqual(Object.keys(A).sort());
  });

  /** What a text tool does: a name before a bracket, with no dot before it, is needed too. */
  const cut = (name: string, taken = new Map<string, string>()) => {
    const body = functions.get(name)!;
    taken.set(name, body.replace('export ', ''));
    for (const [, called] of body.matchAll(/(?<![.\w])(\w+)\(/g))
      if (functions.has(called) && !taken.has(called)) cut(called, taken);
    return taken;
  };
  test.each([
    ['softmax', [array([0, 0]), 0], [0.5, 0.5]],
    ['place', [array(5), 0, 1, 2], [0, 5]],
    ['matmul', [array([1, 2]), array([3, 4])], 11],
    ['logsumexp', [array([[0], [0]]), 0], [[Math.log(2)]]],
    ['select', [array([[1, 2]]), -1, 1], [2]],
    ['where', [array(0), array([1, 2]), array(3)], [3, 3]],
  ])('%s works cut out with what it calls', (name, args, wanted) => {
    const source = [...cut(name).values()].join('\n');
    near(new Function(`${source}\nreturn ${name};`)()(...args), wanted);
  });
  test('nothing is cut out in vain', () => {
    expect([...cut('sigmoid').keys()]).toEqual(['sigmoid', 'map']);
    expect([...cut('neg').keys()]).toEqual(['neg', 'map']);
    expect([...cut('fold').keys()]).not.toContain('place');
  });
  test('no local is named like a function of the file', () => {
    const declared = /\b(?:const|let)\s+([^=;]+?)\s*(?:=|;|\bof\b)|\(([^()]*)\)\s*=>/g;
    for (const [name, body] of functions)
      for (const [, variables = '', parameters = ''] of body.matchAll(declared))
        for (const local of `${variables} ${parameters}`.match(/\b(?<!\.)\w+/g) ?? [])
          expect(functions.has(local), `${local} in ${name}`).toBe(false);
  });
});
