import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Contract, Nested } from '../src/contract';
import {
  add,
  arraysOf,
  columns,
  examplesOf,
  givenRows,
  move,
  remove,
  UNCHANGED,
} from '../src/instrument/data';
import { check } from '../src/instrument/differences';
import { named, productsOf, spelled } from '../src/instrument/cells';
import { contributions, ownGradients } from '../src/instrument/examples';
import { exact, logTicks, short, span, tick, ticks } from '../src/instrument/format';
import { contour, contours } from '../src/instrument/contour';
import { extentOf, planeOf, pointAt, project } from '../src/instrument/landscape';
import { all, gridOf as grids, sampling, smooth as smoothly } from '../src/instrument/sampling';
import type { Sampler } from '../src/instrument/sampling';
import { scaleOf, surfaceOf } from '../src/instrument/surface';
import type { Surface } from '../src/instrument/surface';
import { problemOf } from '../src/instrument/problem';
import { guided, initial, read, write } from '../src/instrument/state';
import type { State } from '../src/instrument/state';
import { numbersOf, readTable } from '../src/instrument/table';
import { filmOf } from '../src/instrument/film';
import type { Extent } from '../src/instrument/landscape';
import { camera } from '../src/instrument/snapshot';
import type { Stepper } from '../src/instrument/stepper';
import { record, recorder } from '../src/instrument/trace';
import type { Tape } from '../src/runtime/format';

// Whole descents as Python ran them, made into contracts.
interface Written {
  name: string;
  model: string;
  gradient_tape: Tape;
  update_tape: Tape;
  data: Record<string, Nested>;
  params: Record<string, Nested>;
  seed: number;
  batch_size: number | null;
  batches: number[][] | null;
  steps: number;
  losses: number[];
  final: Record<string, Nested>;
}

const file = fileURLToPath(new URL('../../contract/traces.json', import.meta.url));
const { traces } = JSON.parse(readFileSync(file, 'utf-8')) as { traces: Written[] };
const flat = (x: Nested): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x]);

function contractOf(one: Written): Contract {
  const { gradient_tape: tape, update_tape: update } = one;
  const inputs = tape.inputs.map(({ name, role, shape }) => ({
    label: name,
    kind: role === 'parameter' ? ('parameter' as const) : ('data' as const),
    shape,
    mathml: '',
    reads: [],
    level: 0,
    op: '',
  }));
  const others = ['w', 'dw', 't', 'norm', 'alpha'];
  const slots = update.inputs.map(({ name }) => name).filter((name) => !others.includes(name));
  const data = inputs.filter(({ kind }) => kind === 'data').map(({ label }) => label);
  return {
    version: 1,
    model: one.model,
    title: one.name,
    examples: 'm',
    features: data[0],
    target: data[1] ?? null,
    prediction: '',
    kind: 'other',
    values: inputs,
    variants: [
      {
        convention: 'mean',
        examples: 'columns',
        rows: [],
        tape,
        programs: { numpy: '', jax: '', torch: '', js: '', latex: '' },
      },
    ],
    methods: [
      { key: 'it', title: 'it', slots, settings: {}, learningRate: 0.1, tape: update, phases: [] },
    ],
    data: { name: '', source: '', arrays: one.data, features: [], targets: [], units: {}, classes: [] }, // prettier-ignore
    start: {
      seed: one.seed,
      params: one.params,
      init: inputs
        .filter(({ kind }) => kind === 'parameter')
        .map(({ label }, stream) => ({ label, kind: 'normal', fan: 1, stream })),
      method: 'it',
      steps: one.steps,
      batchSize: one.batch_size,
    },
    facts: { largestCurvature: null, smallestCurvature: null, quadratic: false, optimum: null },
  };
}

function problem(one: Written) {
  const contract = contractOf(one);
  const examples = examplesOf(givenRows(contract), UNCHANGED);
  return problemOf(contract, contract.variants[0], examples, one.seed, null);
}
const cases = traces.map((one) => [one.name, one] as const);

/** exp and tanh differ by an ulp between languages; sums of some dozens of terms stay far within 1e-12. */
function close(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-300);
  for (let i = 0; i < actual.length; i++)
    expect(Math.abs(actual[i] - expected[i])).toBeLessThan(1e-12 * scale);
}

describe('a recorded run', () => {
  it.each(cases)("is Python's: %s", (_, one) => {
    const its = problem(one);
    const choice = { method: 'it', rate: 0.1, batchSize: one.batch_size };
    const trace = record(its, choice, one.steps, one.seed);
    expect(trace.diverged).toBeNull();
    close(trace.batchLosses ?? trace.losses.subarray(0, one.steps), one.losses);
    const { params } = trace.at(one.steps);
    close(
      params,
      its.layout.flatMap(({ label }) => flat(one.final[label])),
    );
    // A batch of all examples is no batch here: their order does not matter.
    if (trace.batch(0))
      one.batches!.forEach((batch, k) => expect([...trace.batch(k)!]).toEqual(batch));
  });

  it('goes back to any step exactly', () => {
    const one = traces[3];
    const trace = record(problem(one), { method: 'it', rate: 0.1, batchSize: 7 }, 40, one.seed);
    const there = Array.from({ length: 41 }, (_, k) => trace.at(k));
    for (const k of [40, 3, 17, 0, 39]) expect(trace.at(k)).toEqual(there[k]);
  });

  it.each([null, 7])('is the same made bit by bit: batches of %s', (batchSize) => {
    const one = traces[3];
    const choice = { method: 'it', rate: 0.1, batchSize };
    const whole = record(problem(one), choice, 40, one.seed);
    const recording = recorder(problem(one), choice, 40, one.seed);
    for (let made = 0; made < 40; made += 8) {
      let left = 8;
      recording.go(() => --left > 0);
      const part = recording.trace();
      expect([part.steps, recording.done]).toEqual([made + 8, made + 8 === 40]);
      expect(part.losses).toEqual(whole.losses.subarray(0, part.steps + 1));
      expect(part.batchLosses).toEqual(whole.batchLosses && whole.batchLosses.subarray(0, part.steps)); // prettier-ignore
      for (const k of [0, part.steps - 3, part.steps]) expect(part.at(k)).toEqual(whole.at(k));
    }
    recording.go(() => true);
    expect(recording.trace()).toEqual({ ...whole, at: expect.any(Function), batch: expect.any(Function) }); // prettier-ignore
  });

  it('plays again what it had no room to keep', () => {
    let played = 0;
    const counter = (): Stepper => {
      const params = new Float64Array(1_000_000);
      return { params, slots: {}, step: (t) => (played++, (params[0] += t)) };
    };
    const machine = counter();
    const film = filmOf(machine, 20, counter);
    for (let t = 1; t <= 20; t++) {
      machine.step(t);
      film.save(t);
    }
    expect(film.every).toBeGreaterThan(3);
    played = 0;
    for (let k = 0; k <= 20; k++) expect(film.at(k).params[0]).toBe((k * (k + 1)) / 2);
    expect(played).toBeLessThan(20); // one after another, none is played twice
    for (const k of [20, 3, 11, 11, 2]) expect(film.at(k).params[0]).toBe((k * (k + 1)) / 2);
  });

  it('says where it diverges and keeps what went before', () => {
    const one = traces[0];
    const its = problem(one);
    const start = its.start.map((x) => x + 1e200);
    const trace = record({ ...its, start }, { method: 'it', rate: 1, batchSize: null }, 40, 0);
    expect(trace.diverged).toBe(1);
    expect(trace.steps).toBe(0);
    expect(trace.at(0).params).toEqual(start);
  });
});

describe('the numbers of a step', () => {
  it.each(cases)('agree with nudges: %s', (_, one) => {
    const its = problem(one);
    const { arrays, loss } = camera(its)(its.start);
    expect(Number.isFinite(loss)).toBe(true);
    for (const { label, size } of its.layout) {
      const { data } = arrays.get(`d${label}`)!;
      const index = data.reduce((best, x, i) => (Math.abs(x) > Math.abs(data[best]) ? i : best), 0);
      expect(size).toBe(data.length);
      // a central difference of a smooth loss has ten digits at its best, and five at a kink nearby
      const found = check(its, its.start, null, label, index, data[index])!;
      expect(found.digits).toBeGreaterThanOrEqual(6);
    }
  });

  it('fail the check when they are wrong', () => {
    const its = problem(traces[0]);
    const { arrays } = camera(its)(its.start);
    const right = arrays.get('dw')!.data[0];
    expect(check(its, its.start, null, 'w', 0, 2 * right)!.digits).toBeLessThan(2);
  });

  it('are exact under any nudge where the loss is a parabola, and not where it bends', () => {
    const bends = (model: string, label: string) => {
      const its = problem(traces.find((one) => one.model === model)!);
      const { data } = camera(its)(its.start).arrays.get(`d${label}`)!;
      return check(its, its.start, null, label, 0, data[0])!.bends;
    };
    expect(bends('univariate', 'w')).toBe(false);
    expect(bends('two_layer_sigmoid', 'W1')).toBe(true);
  });

  it('are sums of products', () => {
    for (const one of traces) {
      const its = problem(one);
      const { arrays } = camera(its)(its.start);
      for (const [label, { data }] of arrays) {
        const index = data.length - 1;
        const products = productsOf(its.tape, its.sizes, arrays, label, index);
        if (!products || label in its.data || its.layout.some((part) => part.label === label))
          continue;
        close([products.reduce((sum, { value }) => sum + value, 0)], [data[index]]);
      }
    }
  });

  it('are written as the row has them: a sum in brackets, and no 1 before factors', () => {
    const entry = (name: string, value: number) => ({ reads: [], name, value });
    const minus = { coefficient: -1, factors: [entry('a', 0.25), entry('b', -2)], value: 0.5 };
    const half = { coefficient: 0.5, factors: [entry('c', 3)], value: 1.5 };
    expect(named([minus, half])).toBe('−a · b + 0.5000 · c');
    expect(named([half, minus, half])).toBe('0.5000 · c − a · b + …');
    expect(spelled([half, minus], 2, 3)).toBe('0.500 · 3.00 − 0.250 · (−2.00)');
    expect(spelled([minus, half], 1, 3)).toBe('−0.250 · (−2.00) + … (2 terms)');
    const one = traces.find(({ gradient_tape: { ops } }) => ops.some((op) => op.kind === 'map' && op.op === 'sigmoid'))!; // prettier-ignore
    const its = problem(one);
    const { arrays } = camera(its)(its.start);
    const sums = [...arrays.keys()].map((label) => productsOf(its.tape, its.sizes, arrays, label, 0) ?? []); // prettier-ignore
    const slopes = sums.filter((sum) => sum[0]?.factors.some(({ name }) => /^\(1 − \w+\[0, 0\]\)$/.test(name))); // prettier-ignore
    expect(slopes.length).toBeGreaterThan(0);
    for (const sum of slopes) expect(named(sum)).not.toMatch(/1\.000/);
  });

  it('of the examples add up to the whole', () => {
    for (const one of traces.filter(({ model }) => model !== 'deep')) {
      const its = problem(one);
      const { arrays, loss } = camera(its)(its.start);
      const { losses, adds } = contributions(its, its.start, loss);
      expect(adds).toBe('mean');
      close([losses.reduce((a, b) => a + b, 0) / losses.length], [loss]);
      const own = ownGradients(its, its.start, Array.from(losses.keys()));
      const { label, start } = its.layout[0];
      const mean = own.reduce((sum, g) => sum + g[start], 0) / own.length;
      expect(mean).toBeCloseTo(arrays.get(`d${label}`)!.data[0], 12);
    }
  });
});

describe('the landscape', () => {
  const its = problem(traces[0]);
  const plane = planeOf(its, [], its.start, [its.start]);
  it('gives back the point that it was asked for', () => {
    const point = pointAt(plane, 0.5, -2);
    expect(project(plane, point)).toEqual([0.5, -2]);
    expect(plane.names).toEqual(['w', 'b']);
  });
  it('is the loss', () => {
    const surface = surfaceOf(its, plane);
    for (const [a, b] of [
      [0.3, -0.7],
      [2, 3],
    ])
      // prettier-ignore
      expect(surface(a, b)).toBeCloseTo(camera(its)(pointAt(plane, a, b)).loss, 9);
  });
  const frame = { u: [-1, 3], v: [0, 2] } as { u: [number, number]; v: [number, number] };
  const gridOf = (f: Surface, frame: Extent, n: number) => all(grids(f, frame, n));
  const smooth = (f: Surface, frame: Extent, degree: number, most: number) =>
    all(smoothly(f, frame, () => degree, most));
  /** How far a sampler is from a surface on a grid, against the largest value. */
  const away = (f: (a: number, b: number) => number, given: Sampler | undefined) => {
    const [exact, found] = [gridOf(f, frame, 41), given!(41).values];
    const size = Math.max(...exact.map(Math.abs));
    return Math.max(...found.map((x, i) => Math.abs(x - exact[i]) / size));
  };
  it('is sampled exactly where it is a polynomial, from few points', () => {
    let asked = 0;
    const bowl = (a: number, b: number) => (asked++, 3 + a - 2 * b + a * a + a * b + 4 * b * b);
    const found = smooth(bowl, frame, 16, 0);
    expect(asked).toBeLessThan(20);
    expect(away(bowl, found)).toBeLessThan(1e-14);
    const saddle = (a: number, b: number) => (1 - a * b) ** 2 + (2 + a * b - b * b) ** 2;
    expect(away(saddle, smooth(saddle, frame, 16, 0))).toBeLessThan(1e-14);
    const own = surfaceOf(its, plane);
    expect(away(own, smooth(own, frame, 16, 0))).toBeLessThan(1e-13);
  });
  it('is interpolated where it is smooth, and not where it has a kink or no number', () => {
    const curved = (a: number, b: number) => Math.log1p(Math.exp(a - 2 * b)) + Math.tanh(a) ** 2;
    expect(away(curved, smooth(curved, frame, 32, 1e-3))).toBeLessThan(1e-5);
    const kink = (a: number, b: number) => Math.abs(a - b) + Math.max(0, a - 0.4);
    expect(smooth(kink, frame, 32, 1e-3)).toBeUndefined();
    const end = (a: number, b: number) => (a > 2.5 ? NaN : a * b);
    expect(smooth(end, frame, 32, 1e-3)).toBeUndefined();
    expect(smooth((a) => (a > 2.5 ? Infinity : a), frame, 32, 1e-3)).toBeUndefined();
  });
  it('is sampled as finely as there is time for, whatever a point takes', () => {
    const kink = (a: number, b: number) => Math.abs(a - b) + Math.max(0, a - 0.4);
    const wave = (a: number, b: number) => Math.sin(3 * a) * Math.cos(2 * b);
    /** The points that are asked for, and those of the grid a side, where each takes so many ms. */
    const sides = (f: Surface, ms: number) => {
      let [now, asked] = [0, 0];
      const slow: Surface = (a, b) => ((now += ms), asked++, f(a, b));
      const work = sampling(slow, frame, { degree: 32, most: 0.002, ms: 400 }, () => now);
      const { n } = all(work)(256);
      return { n, asked };
    };
    expect(sides(kink, 0.001).n).toBe(128);
    expect(sides(kink, 0.4).n).toBe(24);
    expect(sides(kink, 20).n).toBe(16);
    expect(sides(wave, 0.001).n).toBe(256);
    expect(sides(wave, 20).asked).toBeLessThan(400);
  });
  it('pauses after each point', () => {
    let asked = 0;
    const work = sampling((a, b) => (asked++, a * b), frame, { degree: 16, most: 0.01, ms: 10 }, () => 0); // prettier-ignore
    for (let k = 1; k < 17; k++) {
      work.next();
      expect(asked).toBe(k);
    }
  });
  it('may be flat', () => {
    const found = smooth(() => 3, frame, 16, 0.01)!(5).values;
    found.forEach((x) => expect(x).toBeCloseTo(3, 14));
    expect(scaleOf(found).to(3)).toBe(0);
  });
  it('draws a circle as a circle', () => {
    const n = 65;
    const grid = gridOf((a, b) => a * a + b * b, { u: [-2, 2], v: [-2, 2] }, n);
    const points = contour(grid, n, 1);
    expect(points.length).toBeGreaterThan(100);
    for (let i = 0; i < points.length; i += 2) {
      const [a, b] = [points[i], points[i + 1]].map((k) => -2 + (4 * k) / (n - 1));
      expect(Math.hypot(a, b)).toBeCloseTo(1, 2);
    }
  });
  it('draws every level as it draws it alone', () => {
    const grid = gridOf((a, b) => Math.sin(3 * a) * Math.cos(2 * b) + a / 5, frame, 40);
    const levels = [-0.9, -0.3, 0, 0.2, 0.21, 1.1, 7];
    const all = contours(grid, 40, levels);
    levels.forEach((level, k) => expect(all[k]).toEqual(contour(grid, 40, level)));
    expect(all[1].length).toBeGreaterThan(100);
    expect(all[6]).toEqual([]);
  });
  it('keeps together what a saddle joins, whichever way it lies', () => {
    // In one cell a b = level is a hyperbola: above the saddle's level the high corners are apart, below it they join.
    for (const turn of [1, -1])
      for (const level of [-0.02, 0.02]) {
        const n = 4; // the saddle lies within the cell in the middle
        const saddle = (i: number, j: number) => turn * (i - 1.45) * (j - 1.55);
        const grid = Float64Array.from({ length: n * n }, (_, k) =>
          saddle(k % n, Math.floor(k / n)),
        );
        const found = contour(grid, n, level);
        for (let s = 0; s < found.length; s += 4) {
          const middle = saddle((found[s] + found[s + 2]) / 2, (found[s + 1] + found[s + 3]) / 2);
          expect(Math.sign(middle)).toBe(Math.sign(level)); // no segment crosses the saddle's own level
        }
      }
  });
  it('leaves out cells without a number', () => {
    const grid = gridOf((a, b) => (b > 1.5 ? Infinity : a > 2 ? NaN : a), frame, 21);
    const found = contour(grid, 21, 0.5);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(Number.isFinite)).toBe(true);
  });
  it('holds the path', () => {
    const { u, v } = extentOf([[0, 1], [4, 1.1], [1e300, 0]]); // prettier-ignore
    expect(u[0]).toBeLessThan(0);
    expect(u[1]).toBeGreaterThan(4);
    expect(v[1] - v[0]).toBeGreaterThan(1);
  });
  it('has two directions at right angles for a path', () => {
    const many = problem(traces[3]);
    const path = record(many, { method: 'it', rate: 0.1, batchSize: null }, 30, 0);
    const points = Array.from({ length: 31 }, (_, k) => path.at(k).params);
    const { u, v } = planeOf(many, ['path'], points[30], points);
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    expect(dot(u, u)).toBeCloseTo(1, 12);
    expect(Math.abs(dot(u, v))).toBeLessThan(1e-9);
  });
});

describe('the state', () => {
  const contract = contractOf(traces[3]);
  it('is nothing in the address while nothing changed', () => {
    expect(write(contract, initial(contract))).toBe('');
    expect(read(contract, '')).toEqual(initial(contract));
  });
  it('comes back to the last bit', () => {
    const n = columns(contract).length;
    const row = (x: number) => Array.from({ length: n }, (_, k) => x / (k + 1));
    const state: State = {
      ...initial(contract),
      rate: 0.1 + 0.2,
      start: [-0, 5e-324, 1 / 3, -1.7976931348623157e308],
      step: 7,
      seed: 12,
      batchSize: null,
      kept: { method: 'it', rate: 1e-7, batchSize: 3 },
      open: ['dW1', 'dZ1'],
      cells: ['dW1:3'],
      checks: ['dW1'],
      speed: 40,
      turn: [0.125, 1.1],
      axes: ['W1[0, 0]', 'b1[2, 0]'],
      locks: ['rate'],
      present: true,
      edits: {
        own: {
          name: 'my file.csv',
          columns: row(3).map((deviation, k) => ({ name: `a & ${k}`, mean: 0.1, deviation })),
          rows: [row(1e21), row(-0.30000000000000004)],
        },
        moved: [{ at: 3, row: row(-2) }],
        removed: [4, 9],
        added: [row(1e-9)],
      },
    };
    const text = write(contract, state);
    expect(read(contract, `#${text}`)).toEqual(state);
    expect(Object.is(read(contract, text).start![0], -0)).toBe(true);
  });
  it('keeps what a teacher and the reader did when a lesson sets it up', () => {
    const mine = read(contract, 'locks=rate;method&present=1&removed=1;2&code=jax&speed=40&rate=0.5&seed=4&step=3&axes=a;b&open=dW1&surface=1&mode=forward'); // prettier-ignore
    const next = guided(contract, mine, 'rate=0.02&step=0');
    const { locks, present, edits, language, speed, open, surface, mode } = mine;
    expect(next).toEqual({ ...initial(contract), rate: 0.02, locks, present, edits, language, speed, open, surface, mode }); // prettier-ignore
    const own = { ...mine, edits: { ...mine.edits, own: { name: 'mine', columns: [], rows: [] } } };
    expect(guided(contract, own, 'step=9').edits).toBe(own.edits);
    expect(guided(contract, mine, 'locks=seed&code=torch&removed=5')).toEqual({
      ...initial(contract), present, speed, open, surface, mode, locks: ['seed'], language: 'torch',
      edits: { ...initial(contract).edits, removed: [5] },
    }); // prettier-ignore
  });
  it('knows no other speeds, and turns by two angles', () => {
    const { speed, turn } = initial(contract);
    expect(read(contract, 'speed=13&turn=1')).toMatchObject({ speed, turn });
  });
  it('leaves out rows that are no rows of the model', () => {
    const { edits } = read(contract, '#moved=1;2,3&added=NaN,1&own=a | b | 0,1 | 2');
    expect(edits).toEqual(initial(contract).edits);
  });
  it('reads what is left of a broken link', () => {
    const state = read(contract, '#step=9&rate=fast&method=magic&axes=%E0%A4%A&seed=-4&nonsense');
    expect(state).toEqual({ ...initial(contract), step: 9, seed: 0 });
  });
});

describe('the data', () => {
  const contract = contractOf(traces[1]);
  const given = givenRows(contract);
  it('are arrays and rows of the same numbers', () => {
    const arrays = arraysOf(contract, examplesOf(given, UNCHANGED));
    for (const [label, values] of Object.entries(contract.data.arrays))
      expect([...arrays[label].data]).toEqual(flat(values));
  });
  it('can be moved, added and removed, and say so by their keys', () => {
    let edits = move(
      UNCHANGED,
      '2',
      given[2].map(() => 9),
    );
    edits = add(edits, given[0]);
    edits = remove(edits, '1');
    edits = move(edits, '+0', given[3]);
    const keys = examplesOf(given, edits);
    expect(keys.length).toBe(given.length);
    expect(keys.map(({ key }) => key).slice(0, 3)).toEqual(['0', '2', '3']);
    expect(keys[1].row[0]).toBe(9);
    expect(keys.at(-1)).toEqual({ key: '+0', row: given[3] });
    expect(remove(edits, '+0').added).toEqual([]);
  });
});

describe('a table', () => {
  it('is read with any separator', () => {
    for (const text of ['a,b\n1,2\n3,4', 'a;b\n1;2\n3;4\n', 'a\tb\r\n1\t2\r\n\r\n3\t4'])
      expect(numbersOf(readTable(text), [1, 0]).rows).toEqual([[2, 1], [4, 3]]); // prettier-ignore
    expect(readTable('1,2\n3,4').header).toEqual(['column 1', 'column 2']);
    expect(numbersOf(readTable('x;y\n1,5;2'), [0]).rows).toEqual([[1.5]]);
    expect(readTable('"a, b",c\n1,2').header).toEqual(['a, b', 'c']);
  });
  it('leaves gaps out and counts them', () => {
    expect(numbersOf(readTable('a,b\n1,2\nNA,3\n,4'), [0, 1])).toMatchObject({ gaps: 2 });
  });
  it('makes two words a label', () => {
    const found = numbersOf(readTable('x,kind\n1,dog\n2,cat'), [0, 1], 1);
    expect(found).toEqual({ rows: [[1, 1], [2, 0]], gaps: 0, classes: ['cat', 'dog'] }); // prettier-ignore
  });
  it.each([
    ['', 'There is nothing in it: paste rows of numbers.'],
    ['a,b', 'There are names of columns, but no rows of numbers under them.'],
    ['1,2\n3', 'Line 2 has 1 cells, and the first has 2: every line needs as many.'],
    ['a\nNA', 'Every row has a gap: nothing is left.'],
    ['a\n1\nx', '"a" holds text ("x" in row 2): pick a column of numbers.'],
  ])('says what is wrong with %j', (text, words) => {
    expect(() => numbersOf(readTable(text), [0])).toThrow(words);
  });
});

describe('numbers', () => {
  it('have four digits and a minus sign', () => {
    expect([1.19649, -0.0061962, 2.3e-9, 1234567, 0, NaN, -Infinity].map((x) => short(x))).toEqual([
      '1.196', '−0.006196', '2.300 × 10⁻⁹', '1.235 × 10⁶', '0', 'not a number', '−∞',
    ]); // prettier-ignore
    expect(exact(-0.1)).toBe('−0.1');
    expect(span([3])).toBe('3.000');
    expect(span([-1, 2])).toBe('−1.00 … 2.00');
    expect(tick(1e-8)).toBe('10⁻⁸');
  });
  it('make round ticks', () => {
    expect(ticks(0, 40, 5)).toEqual([0, 10, 20, 30, 40]);
    expect(logTicks(0.15, 12)).toEqual([0.2, 0.5, 1, 2, 5, 10]);
  });
});
