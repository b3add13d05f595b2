import { describe, expect, it } from 'vitest';
import { differences, leftAt } from '../src/notes/search/race';
import type { Lane } from '../src/notes/search/race';

// The racers' own arithmetic; that the race is Python's is tested with the page (tests/browser/test_chapter_0.py).
describe('slopes by differences', () => {
  const w = new Float64Array(3);
  let asked = 0;
  const problem = {
    n: 3,
    w,
    data: { X: w, Y: w },
    loss: () => (asked++, w[0] ** 2 + 3 * w[1] + w[1] * w[2]),
    gradient: () => w,
  };
  it('cost a loss for each parameter and one more, or two for each; and are slopes', () => {
    w.set([1, 2, -1]);
    for (const [central, losses, error] of [
      [false, 4, 1e-6],
      [true, 6, 1e-9],
    ] as const) {
      asked = 0;
      const found = differences(problem, central);
      expect(asked).toBe(losses);
      [2, 2, 2].forEach((slope, i) => expect(Math.abs(found[i] - slope)).toBeLessThan(error));
      expect([...w]).toEqual([1, 2, -1]);
    }
  });
});

describe('what is left', () => {
  const lane: Lane = {
    key: 'anywhere',
    price: 1,
    evaluations: [2, 5],
    left: [0.5, 0.01],
    arrived: 5,
  };
  it('is all of it before the first find, then the best so far', () => {
    expect([0, 1, 2, 4.9, 5, 99].map((now) => leftAt(lane, now))).toEqual([1, 1, 0.5, 0.5, 0.01, 0.01]); // prettier-ignore
  });
});
