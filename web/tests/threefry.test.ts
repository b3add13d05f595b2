import { describe, expect, test } from 'vitest';
import { batch, epochOrder } from '../src/runtime/batches.js';
import { normal, permutation, threefry, uniform } from '../src/runtime/threefry.js';

// Random123, kat_vectors, threefry2x32 with 20 rounds (Salmon et al. 2011); src/chainrule/threefry.py
// and jax.extend.random.threefry_2x32 give the same.
test.each([
  [[0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
  [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
  [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], [0xc4923a9c, 0x483df7a0]],
])('threefry: key %j, counter %j', ([k0, k1], [c0, c1], words) => {
  expect(threefry([k0, k1], c0, c1)).toEqual(words);
}); // prettier-ignore

describe('numbers as in Python', () => {
  // python -c "from chainrule.threefry import *; print(uniform(7, 3, 5).tolist(), normal(7, 3, 4).tolist())"
  const numbers = [
    0.8681888204220327, 0.8465986867338398, 0.1444142726889145, 0.6844344293259758,
    0.5834690213005279,
  ];
  const normals = [
    1.1482253661922948, -0.22363277335850443, 1.2674907329071508, 2.1216881686688853,
  ];
  test('uniform, to the bit', () => {
    expect([...uniform(7, 3, 5)]).toEqual(numbers);
    expect([...uniform(7, 3, 2)]).toEqual(numbers.slice(0, 2));
    expect(uniform(7, 3, 0)).toHaveLength(0);
  });
  test('seeds and streams count modulo 2^32', () => {
    // print(uniform(2**32 + 5, -1, 2).tolist())
    const expected = [0.08055588856451312, 0.46918691430298365];
    expect([...uniform(2 ** 32 + 5, -1, 2)]).toEqual(expected);
    expect([...uniform(5, 2 ** 32 - 1, 2)]).toEqual(expected);
  });
  test('normal, but for the last bits of log and cos', () => {
    normal(7, 3, 4).forEach((x, i) => expect(Math.abs(x - normals[i])).toBeLessThan(1e-15));
  });
  test('are spread as they should be', () => {
    const mean = (x: Float64Array) => x.reduce((sum, y) => sum + y, 0) / x.length;
    const u = uniform(1, 2, 10_000);
    const z = normal(1, 2, 10_000);
    // Four standard errors.
    expect(Math.abs(mean(u) - 1 / 2)).toBeLessThan((4 / 100) * Math.sqrt(1 / 12));
    expect(Math.abs(mean(z))).toBeLessThan(4 / 100);
    expect(Math.abs(mean(z.map((x) => x * x)) - 1)).toBeLessThan((4 / 100) * Math.sqrt(2));
  });
});

describe('permutation', () => {
  const sorted = (x: Int32Array) => [...x].sort((i, j) => i - j);
  const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);
  test('as in Python', () => {
    // python -c "from chainrule.threefry import *; print(permutation(5, 2**31, 12).tolist())"
    expect([...permutation(5, 2 ** 31, 12)]).toEqual([4, 7, 0, 1, 3, 6, 2, 5, 11, 9, 10, 8]);
  });
  test.each([0, 1, 2, 3, 100])('%i numbers, each once', (n) => {
    expect(sorted(permutation(1, 2, n))).toEqual(numbers(n));
  });
  test('another seed or stream, another order', () => {
    const one = [...permutation(1, 2, 100)];
    expect([...permutation(1, 2, 100)]).toEqual(one);
    expect([...permutation(2, 2, 100)]).not.toEqual(one);
    expect([...permutation(1, 3, 100)]).not.toEqual(one);
  });
  test('where the first words are equal, the second decide', () => {
    const [[a, a1], [b, b1]] = [6503, 9192].map((i) => threefry([14, 0], 0, i));
    expect(a).toBe(b);
    expect(a1).toBeGreaterThan(b1);
    const order = permutation(14, 0, 10_000);
    expect(order.indexOf(6503)).toBe(order.indexOf(9192) + 1);
    expect(sorted(order)).toEqual(numbers(10_000));
  });
});

describe('batches', () => {
  test('an epoch shows every example once, the last batch is short', () => {
    for (const epoch of [0, 1, 5]) {
      const parts = [0, 1, 2].map((place) => batch(3, 3 * epoch + place, 10, 4));
      expect(parts.map((part) => part.length)).toEqual([4, 4, 2]);
      expect(parts.flatMap((part) => [...part])).toEqual([...epochOrder(3, epoch, 10)]);
    }
  });
  test('the order is the permutation of the stream 2^31 + epoch', () => {
    expect([...epochOrder(5, 0, 12)]).toEqual([4, 7, 0, 1, 3, 6, 2, 5, 11, 9, 10, 8]);
    expect([...epochOrder(5, 9, 12)]).toEqual([...permutation(5, 2 ** 31 + 9, 12)]);
  });
  test('a batch may hold all', () => {
    expect([...batch(5, 0, 12, 12)]).toEqual([...epochOrder(5, 0, 12)]);
    expect([...batch(5, 1, 12, 20)]).toEqual([...epochOrder(5, 1, 12)]);
  });
  test.each([0, -1, 1.5, NaN])('batch size %f', (size) => {
    expect(() => batch(5, 0, 12, size)).toThrow(
      `batch size ${size}: write a whole number from 1 to 12, the examples`,
    );
  });
});
