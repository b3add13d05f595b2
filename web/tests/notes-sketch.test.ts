import { describe, expect, it } from 'vitest';
import {
  arrow,
  border,
  box,
  brace,
  connect,
  cross,
  line,
  ring,
  through,
  tick,
} from '../src/notes/sketch.js';
import type { Point } from '../src/notes/sketch.js';

const numbers = (d: string) => [...d.matchAll(/-?\d+\.\d/g)].map(([text]) => Number(text));
const points = (d: string): Point[] => {
  const all = numbers(d);
  return all.flatMap((x, i): Point[] => (i % 2 ? [] : [[x, all[i + 1]]]));
};

describe('lines as if drawn by hand', () => {
  const rect = { x: 10, y: 20, w: 80, h: 40 };
  const drawn: Record<string, (seed: string) => string> = {
    line: (seed) => line([0, 0], [100, 40], seed),
    box: (seed) => box(rect, seed),
    ring: (seed) => ring(50, 40, 40, 20, seed),
    arrow: (seed) => arrow([0, 0], [90, 10], seed).d,
    head: (seed) => arrow([0, 0], [90, 10], seed).head,
    connect: (seed) => connect(rect, { ...rect, x: 200 }, seed).d,
    brace: (seed) => brace([0, 0], [100, 0], seed),
    cross: (seed) => cross(10, 10, 5, seed),
    tick: (seed) => tick(10, 10, 5, seed),
  };

  for (const [name, draw] of Object.entries(drawn))
    it(`${name}: the same seed draws the same, another seed another`, () => {
      expect(draw('a')).toBe(draw('a'));
      expect(draw('a')).not.toBe(draw('b'));
      expect(numbers(draw('a')).every(Number.isFinite)).toBe(true);
    });

  it('strays from the true line by a few pixels at most, and not when told to be exact', () => {
    for (const seed of 'abcdefghij') {
      for (const [x, y] of points(line([0, 0], [400, 0], seed))) {
        expect(Math.abs(y)).toBeLessThan(2.5);
        expect(x).toBeGreaterThan(-2);
        expect(x).toBeLessThan(402);
      }
      for (const [, y] of points(line([0, 0], [400, 0], seed, 0))) expect(y).toBeCloseTo(0);
      for (const [x, y] of points(box(rect, seed))) {
        expect(
          Math.min(Math.abs(x - 10), Math.abs(x - 90), Math.abs(y - 20), Math.abs(y - 60)),
        ).toBeLessThan(3);
      }
    }
  });

  it('passes through every point it is told to', () => {
    const given: Point[] = [[0, 0], [10, 5], [20, -3], [30, 8]]; // prettier-ignore
    const found = points(through(given));
    for (const point of given) expect(found).toContainEqual(point);
    expect(through([[1, 2]])).toBe('');
  });

  it('leaves a box at its border, towards a point, whatever the direction', () => {
    expect(border(rect, [500, 40], 0)).toEqual([90, 40]);
    expect(border(rect, [50, -500], 0)).toEqual([50, 20]);
    const [x, y] = border(rect, [90, 60], 0);
    expect([x, y]).toEqual([90, 60]);
    expect(border(rect, [50, 40], 0)).toEqual([50, 40]);
  });

  it('ends an arrow exactly where it points, bent or not', () => {
    for (const bend of [0, 0.2, -0.3]) {
      const made = arrow([0, 0], [100, 0], 'x', bend);
      expect(points(made.d).at(-1)).toEqual([100, 0]);
      expect(points(made.head)[1]).toEqual([100, 0]);
      expect(Math.sign(made.middle[1]) || 0).toBe(
        bend ? Math.sign(-bend) : Math.sign(made.middle[1]) || 0,
      );
    }
  });
});
