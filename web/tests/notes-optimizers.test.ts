import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  apart, descend, growth, growthMap, inside, lossAt, phaseSizes, radius, stepsFor, terrainOf, tuned, RATES,
} from '../src/notes/optimizers/model.js'; // prettier-ignore
import type { Method, TerrainDocument } from '../src/notes/optimizers/model.js';
import { pathOf, pictureOf } from '../src/notes/optimizers/plane.js';
import { format, number, oneOf, parse } from '../src/notes/optimizers/state.js';

// What Python's own optimizers and models did, and the roots of published polynomials.
interface Trace {
  terrain: string;
  method: string;
  rate: number;
  batch: number | null;
  losses: number[];
  end: number;
  final: number[];
}
const file = fileURLToPath(new URL('../../contract/optimizers.json', import.meta.url));
if (!existsSync(file))
  throw new Error(`${file} is missing: write it with "python contract/optimizers.py"`);
const document = JSON.parse(readFileSync(file, 'utf-8')) as {
  methods: Method[];
  terrains: Record<string, TerrainDocument>;
  runs: Trace[];
  races: { terrain: string; method: string; rate: number; loss: number }[];
  pairs: Record<string, { left: string; right: string; terrain: string; rate: number }>;
  variants: Record<string, { largest: number; last: number }>;
  rates: { method: string; rate: number; momentum: number; curvature: number; radius: number }[];
};
const terrains = Object.fromEntries(
  Object.entries(document.terrains).map(([key, one]) => [key, terrainOf(one)]),
);
const methodOf = (key: string) => document.methods.find((one) => one.key === key)!;

// thirty steps, each of which rounds (exp by an ulp, sums in another order)
const near = (x: number, expected: number, scale = Math.abs(expected)) =>
  expect(Math.abs(x - expected)).toBeLessThanOrEqual(1e-12 * Math.max(scale, 1e-3));

describe('a descent of chapter 8', () => {
  it.each(document.runs)('$method on $terrain, batch $batch, as in Python', (trace) => {
    const terrain = terrains[trace.terrain];
    const choice = { method: methodOf(trace.method), rate: trace.rate, batch: trace.batch };
    const run = descend(terrain, choice, trace.losses.length, 3);
    expect(run.steps).toBe(trace.losses.length);
    const scale = Math.max(...trace.final.map(Math.abs));
    trace.final.forEach((x, i) => near(run.params(run.steps)[i], x, scale));
    near(run.losses[run.steps], trace.end);
    near(lossAt(terrain, run.params(run.steps)), trace.end);
    if (trace.batch === null) trace.losses.forEach((loss, k) => near(run.losses[k], loss));
  });

  it('costs what it evaluates: a batch of 16 of 272 is 16/272 of a pass', () => {
    const choice = { method: methodOf('gradient-descent'), rate: 0.05, batch: 16 };
    const run = descend(terrains.line, choice, 34);
    expect(run.cost[17]).toBeCloseTo(1, 12);
    expect(run.cost[34]).toBeCloseTo(2, 12);
    expect(stepsFor(terrains.line, 16, 2)).toBe(34);
    expect(stepsFor(terrains.saddle, null, 7)).toBe(7);
    expect([...run.batch(0)!, ...Array.from({ length: 16 }, (_, k) => [...run.batch(k + 1)!]).flat()].sort((a, b) => a - b)).toEqual(Array.from({ length: 272 }, (_, i) => i)); // prettier-ignore
  });

  it('says where it flew away, and keeps what it did before', () => {
    const run = descend(terrains.line, { method: methodOf('gradient-descent'), rate: 90 }, 400);
    expect(run.diverged).toBe(true);
    expect(run.steps).toBeLessThan(400);
    expect(run.losses.every(Number.isFinite)).toBe(true);
    expect(run.cost.length).toBe(run.steps + 1);
  });

  it('finds the rate of the list that serves best', () => {
    const method = methodOf('gradient-descent');
    const rate = tuned(terrains.line, { method }, 40);
    const end = (alpha: number) => {
      const run = descend(terrains.line, { method, rate: alpha }, 40);
      return run.diverged ? Infinity : run.losses[run.steps];
    };
    expect(RATES).toContain(rate);
    expect(Math.min(...RATES.map(end))).toBe(end(rate));
  });
});

describe('what the lesson says', () => {
  it.each(document.races)('the best rate of $method on $terrain is $rate', (race) => {
    const terrain = terrains[race.terrain];
    const method = methodOf(race.method);
    expect(tuned(terrain, { method }, 60)).toBe(race.rate);
    const run = descend(terrain, { method, rate: race.rate }, 60);
    expect(run.losses[60]).toBeCloseTo(race.loss, 9);
  });
  it.each(Object.entries(document.variants))('the difference of %s', (key, { largest, last }) => {
    const { left, right, terrain, rate } = document.pairs[key];
    const [one, other] = [left, right].map((name) => descend(terrains[terrain], { method: methodOf(name), rate }, 120)); // prettier-ignore
    const distance = apart(one, other);
    near(Math.max(...distance), largest, 10);
    near(distance[120], last, 10);
  });
});

describe('one step from the inside', () => {
  it.each(['momentum', 'nesterov', 'adagrad', 'rmsprop', 'adam'])('%s: kept and new make the accumulator', (key) => {
    const terrain = terrains.moons;
    const run = descend(terrain, { method: methodOf(key), rate: 0.1 }, 12);
    const now = inside(terrain, run, 7);
    for (const slot of run.choice.method.slots)
      now.slots[slot].now.forEach((x, i) => {
        const { kept, added, old } = now.slots[slot];
        near(kept[i] + added[i], x, Math.abs(kept[i]) + Math.abs(added[i]));
        expect(old[i]).toBe(run.slot(slot, 7)[i]);
        expect(x).toBe(run.slot(slot, 8)[i]);
      });
    expect([...now.gradient]).toEqual([...run.slot('dw', 8)]);
    expect([...now.phases.at(-1)!]).toEqual([...run.params(8)]);
    for (const [k, { target }] of run.choice.method.phases.entries())
      for (const x of now.phases[k]) expect(Math.abs(x)).toBeLessThanOrEqual(phaseSizes(run)[target]);
  }); // prettier-ignore
});

describe('AdamW from the inside', () => {
  it('shrinks the weights first, by alpha lambda', () => {
    const run = descend(terrains.line, { method: methodOf('adamw'), rate: 0.1, free: { weight_decay: 0.5 } }, 5); // prettier-ignore
    const now = inside(terrains.line, run, 3);
    now.phases[0].forEach((x, i) => near(x, now.before[i] * (1 - 0.1 * 0.5)));
    expect([...now.phases.at(-1)!]).toEqual([...run.params(4)]);
  });
});

describe('rates of convergence', () => {
  it.each(document.rates)('$method at $rate, $momentum: the largest root', (one) => {
    const { method, rate, momentum, curvature } = one;
    const [found] = growth({ method: methodOf(method), rate, free: { momentum } }, [curvature]);
    // the polynomial has a double root somewhere near, where a root loses half of its digits
    expect(Math.abs(found - one.radius)).toBeLessThan(2e-8);
  });

  it('is the same in the map, row by row, as for one rate and one momentum after another', () => {
    const [rates, momenta, curvatures] = [[0.003, 0.04, 0.3], [0, 0.5, 0.9], [0.7, 4, 13]]; // prettier-ignore
    for (const key of ['momentum', 'nesterov']) {
      const map = growthMap(methodOf(key), curvatures, rates, momenta);
      momenta.forEach((momentum, j) =>
        rates.forEach((rate, i) => {
          const one = growth({ method: methodOf(key), rate, free: { momentum } }, curvatures);
          // near a double root half of the digits are lost
          expect(Math.abs(map[j * rates.length + i] - Math.max(...one))).toBeLessThan(1e-7);
        }),
      );
    }
  });

  it('have their best where Polyak found it', () => {
    const [low, high] = [1, 25];
    const root = (Math.sqrt(high / low) - 1) / (Math.sqrt(high / low) + 1);
    const rate = 4 / (Math.sqrt(high) + Math.sqrt(low)) ** 2;
    const [best] = growthMap(methodOf('momentum'), [low, high], [rate], [root ** 2]);
    expect(best).toBeCloseTo(root, 7);
    const around = growthMap(methodOf('momentum'), [low, high], [rate * 0.97, rate * 1.03], [root ** 2 - 0.02, root ** 2 + 0.02]); // prettier-ignore
    for (const other of around) expect(other).toBeGreaterThan(best);
  });

  it('are those that a run shows', () => {
    const { line } = terrains;
    const choice = { method: methodOf('momentum'), rate: 0.02, free: { momentum: 0.3 } };
    const run = descend(line, choice, 400);
    const away = (k: number) => Math.hypot(...run.params(k).map((w, i) => w - line.optimum![i]));
    const slowest = Math.max(...growth(choice, line.spectrum!));
    expect((away(400) / away(300)) ** (1 / 100)).toBeCloseTo(slowest, 6);
  });

  it('of a matrix: real roots, complex roots', () => {
    expect(radius(2, 0, 0, -3)).toBe(3);
    expect(radius(0, -4, 1, 0)).toBe(2);
  });
});

describe('what libraries disagree on', () => {
  const on = (key: string, terrain = 'saddle', free = {}) =>
    descend(terrains[terrain], { method: methodOf(key), rate: 0.05, free }, 60);
  const largest = (one: string, other: string, free = {}) =>
    Math.max(...apart(on(one, 'saddle', free), on(other, 'saddle', free)));

  it('the two forms of Nesterov are one but for rounding', () => {
    expect(largest('nesterov', 'nesterov-velocity')).toBeLessThan(1e-12);
  });
  it('averaging is adding up with a tenth of the learning rate', () => {
    const sum = descend(terrains.saddle, { method: methodOf('momentum'), rate: 0.005 }, 60);
    const mean = descend(terrains.saddle, { method: methodOf('momentum-average'), rate: 0.05 }, 60);
    expect(Math.max(...apart(sum, mean))).toBeLessThan(1e-12);
    expect(largest('momentum', 'momentum-average')).toBeGreaterThan(0.1);
  });
  it('epsilon inside the root is another number, decay in the gradient another method', () => {
    expect(largest('rmsprop', 'rmsprop-inside', { epsilon: 0.1 })).toBeGreaterThan(0.01);
    expect(largest('adam-l2', 'adamw', { weight_decay: 0.1 })).toBeGreaterThan(0.01);
    expect(largest('adam', 'adam-uncorrected', { beta2: 0.999 })).toBeGreaterThan(0.01);
    expect(largest('momentum-cosine', 'momentum-velocity-cosine')).toBeGreaterThan(1e-4);
  });
});

describe('pictures and states', () => {
  it('a path lies where its parameters are', () => {
    const run = descend(terrains.saddle, { method: methodOf('adam'), rate: 0.1 }, 20);
    const picture = pictureOf(terrains.saddle, [run], terrains.saddle.problem.start);
    const { points } = pathOf(picture.plane, run);
    expect(points[20]).toEqual([...run.params(20)]);
    expect([...picture.at(...points[20])]).toEqual([...run.params(20)]);
    expect(picture.surface(...points[20])).toBeCloseTo(run.losses[20], 12);
    expect(picture.off).toBe(0);
  });
  it('a state survives its text', () => {
    const fields = { racers: 'adam*0.1,momentum', start: '1,-2.5', weights: 'W1[0, 0];b2' };
    expect(parse(format(fields))).toEqual(fields);
    expect(parse('')).toEqual({});
    expect(number('x', 3)).toBe(3);
    expect(number('9', 3, 0, 5)).toBe(5);
    expect(oneOf('b', ['a', 'b'])).toBe('b');
    expect(oneOf('c', ['a', 'b'])).toBe('a');
  });
});
