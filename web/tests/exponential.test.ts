import { describe, expect, test } from 'vitest';
import { sigmoid, tanh } from '../src/runtime/exponential.js';

const apply = (f: (o: Float64Array, x: Float64Array) => void, x: number[]) => {
  const o = new Float64Array(x.length);
  f(o, Float64Array.from(x));
  return [...o];
};

/** Everywhere that matters, dense near 0, and at the entries of the table and between them. */
const places = [
  ...Array.from({ length: 20_001 }, (_, i) => (i - 10_000) / 237),
  ...Array.from({ length: 400 }, (_, i) => 10 ** (-i / 20)),
  ...Array.from({ length: 400 }, (_, i) => -(10 ** (-i / 20))),
  ...Array.from({ length: 2_000 }, (_, i) => (i - 1_000) / 256),
];

describe('sigmoid and tanh', () => {
  // The library's functions err by one unit in the last place (2.2e-16) at most, as do the table's
  // entries; three roundings follow.
  test('sigmoid', () => {
    const wanted = places.map((x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)))); // prettier-ignore
    apply(sigmoid, places).forEach((y, i) =>
      expect(Math.abs(y / wanted[i] - 1), `at ${places[i]}`).toBeLessThan(9e-16),
    );
  });
  // Between the first two entries exp(-2 x) - 1 is a difference of numbers twice as large.
  test('tanh', () => {
    apply(tanh, places).forEach((y, i) => {
      const wanted = Math.tanh(places[i]);
      expect(Math.abs(y - wanted), `at ${places[i]}`).toBeLessThanOrEqual(2e-15 * Math.abs(wanted));
    });
  });
  test('where nothing is left to compute', () => {
    const ends = [Infinity, 1e300, 800, 40, -40, -700, -800, -1e300, -Infinity, NaN];
    expect(apply(sigmoid, ends)).toEqual([1, 1, 1, 1, Math.exp(-40), Math.exp(-700), 0, 0, 0, NaN]);
    expect(apply(tanh, ends)).toEqual([1, 1, 1, 1, -1, -1, -1, -1, -1, NaN]);
    expect(apply(sigmoid, [0, -0])).toEqual([0.5, 0.5]);
    expect(apply(tanh, [0, -0])).toEqual([0, 0]);
  });
});
