import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Contract } from '../src/contract';
import { linked } from '../src/instrument/problem';
import { predictor } from '../src/instrument/fit';
import { camera } from '../src/instrument/snapshot';
import { link } from '../src/runtime/tape';
import type { Tape } from '../src/runtime/format';
import { checkAll, gradientOf, STEPS } from '../src/notes/classify/check';
import {
  across, boundaryOf, descent, histogram, networkStart, problemOf, readState, some, spreadOf, unitsOf, writeState,
} from '../src/notes/classify/core'; // prettier-ignore
import type { Arrays } from '../src/notes/classify/core';
import { networkOf, networkRun } from '../src/notes/classify/network';
import { fate, passes, verdictOf } from '../src/notes/classify/stack';
import type { Stack } from '../src/notes/classify/stack';

// What Python computed for the drawings of chapters 6 and 7.
interface Written {
  penguins: Contract;
  moons: Contract;
  shared: Record<string, unknown>;
  widgets: {
    collapse: { lines: { of: string }[]; tape: Tape };
    squared: { one: Record<'entropy' | 'squared', Tape>; model: Tape };
    overflow: { composed: { tape: Tape; rows: { label: string }[] }; fused: { tape: Tape } };
    check: { bugs: { key: string; tape: Tape }[] };
    starts: Stack;
    overfit: { tape: Tape; loss: Tape; train: Arrays; valid: Arrays; start: Arrays; penalties: number[]; rate: number };
  };
  descents: { hidden: string; data: string; start: number[]; losses: number[]; final: number[]; gradient: number[] }[];
  dead: { seed: number; shift: number; dead: number }[];
  mistakes: { key: string; gradient: number[] }[];
  stacks: { hidden: string; scheme: string; first: number; last: number; first_gradient: number; last_gradient: number }[];
  squared: { kind: 'entropy' | 'squared'; losses: number[] }[];
  scores: { z: number; y: number; slope: number; loss: number }[];
  penalties: { penalty: number; at: { step: number; train: number; valid: number }[] }[];
} // prettier-ignore
const file = fileURLToPath(new URL('../../contract/classify.json', import.meta.url));
if (!existsSync(file))
  throw new Error(`${file} is missing: write it with "python contract/classify.py"`);
const written = JSON.parse(readFileSync(file, 'utf-8')) as Written;
const { moons, penguins, widgets } = written;
const page = {
  data: { hidden: 'hidden', xor: 'xor' },
  shared: (id: string) => written.shared[id],
};
const make = (hidden: string, data: string, units = 6, seed = 0, shift = 0) =>
  networkOf(moons, page, { hidden, data: data === 'xor' ? 'xor' : 'moons', units, seed, shift });

/** Relative to the largest of them: exp differs by an ulp, and sums are added in another order. */
function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-300);
  for (let i = 0; i < actual.length; i++)
    expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(tolerance * scale);
}

describe('the network of chapter 7', () => {
  it.each(written.descents)('$hidden on $data starts, slopes and descends as in Python', (one) => {
    const problem = make(one.hidden, one.data);
    close(problem.start, one.start, 1e-15);
    close(gradientOf(problem, problem.start), one.gradient);
    const run = networkRun(problem, 0.05, one.losses.length);
    // sixty steps of Adam, which divides by roots of small numbers
    close(run.losses.slice(0, -1), one.losses, 1e-9);
    close(run.at(one.losses.length).params, one.final, 1e-8);
  });

  it.each(written.dead)('has $dead dead units from seed $seed, biases at $shift', (one) => {
    const problem = make('relu', 'moons', 6, one.seed, one.shift);
    const units = unitsOf(camera(problem)(problem.start));
    expect(units.filter(({ dead }) => dead)).toHaveLength(one.dead);
    for (const { dead, active, passes: share } of units) {
      expect(dead).toBe(active === 0);
      expect(share === 0).toBe(dead);
    }
  });

  it('passes back at most a quarter through a sigmoid, and at most all through tanh', () => {
    for (const [hidden, most] of [['sigmoid', 0.25], ['tanh', 1]] as const) {
      const problem = make(hidden, 'moons');
      for (const { passes: share } of unitsOf(camera(problem)(problem.start))) {
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThanOrEqual(most);
      }
    }
  }); // prettier-ignore

  it('starts from each scheme with the spread that it names', () => {
    const deviation = (scheme: string) =>
      spreadOf(networkStart(moons, 4000, 0, scheme).W1.data).deviation;
    expect(deviation('zeros')).toBe(0);
    expect(deviation('small')).toBeCloseTo(0.01, 3);
    expect(deviation('xavier')).toBeCloseTo(Math.sqrt(2 / 4002), 3);
    expect(deviation('he')).toBeCloseTo(1, 1);
    expect(deviation('fan-in')).toBeCloseTo(Math.SQRT1_2, 1);
  });
});

describe('the gradient check', () => {
  const problem = make('sigmoid', 'moons', 4);
  const right = gradientOf(problem, problem.start);

  it('has a valley for a right gradient, as wide steps bend and narrow ones round', () => {
    const { whole, errors, names } = checkAll(problem, problem.start, right);
    expect(names).toHaveLength(17);
    const best = Math.min(...whole);
    expect(best).toBeLessThan(1e-9);
    expect(whole[0]).toBeGreaterThan(1e4 * best);
    expect(whole[STEPS.length - 1]).toBeGreaterThan(1e4 * best);
    // both ways: a tenth of the step, a hundredth of the error
    expect(whole[2] / whole[4]).toBeGreaterThan(60);
    expect(whole[2] / whole[4]).toBeLessThan(160);
    expect(errors[10]).toHaveLength(17);
  });

  it('is worse one way: its error falls only with the step itself', () => {
    const { whole } = checkAll(problem, problem.start, right, 'forward');
    expect(whole[4] / whole[6]).toBeGreaterThan(7);
    expect(whole[4] / whole[6]).toBeLessThan(13);
    expect(Math.min(...whole)).toBeGreaterThan(1e-10);
  });

  it.each(written.mistakes)('tells the mistake "$key", which is Python\'s', ({ key, gradient }) => {
    const { tape } = widgets.check.bugs.find((one) => one.key === key)!;
    const wrong = gradientOf({ ...problem, tape }, problem.start);
    close(wrong, gradient);
    const { whole } = checkAll(problem, problem.start, wrong);
    expect(Math.min(...whole)).toBeGreaterThan(1e-2); // no step mends it
  });
});

describe('a deep stack', () => {
  it.each(written.stacks)('of $hidden from $scheme passes on what Python says', (one) => {
    const layers = passes(widgets.starts, one.hidden, one.scheme, 0);
    const [first, last] = [layers[0], layers[layers.length - 1]];
    const numbers = [spreadOf(first.A).deviation, spreadOf(last.A).deviation, first.gradient, last.gradient]; // prettier-ignore
    const expected = [one.first, one.last, one.first_gradient, one.last_gradient];
    numbers.forEach((x, i) =>
      expect(Math.abs(x - expected[i])).toBeLessThanOrEqual(1e-10 * Math.abs(expected[i])),
    );
  });
});

describe('a verdict over a stack', () => {
  const told = (hidden: string, scheme: string) =>
    verdictOf(passes(widgets.starts, hidden, scheme, 0), hidden);
  it('goes by the measured ratios', () => {
    expect([1e-4, 0.44, 0.5, 1, 2, 3, 2000].map(fate)).toEqual(
      ['dies', 'shrinks', 'keeps its size', 'keeps its size', 'keeps its size', 'grows', 'explodes'],
    ); // prettier-ignore
    for (const hidden of ['sigmoid', 'tanh', 'relu'])
      for (const scheme of ['small', 'xavier', 'he', 'large']) {
        const layers = passes(widgets.starts, hidden, scheme, 0);
        const spreads = layers.map(({ A }) => spreadOf(A).deviation);
        const there = fate(spreads[spreads.length - 1] / spreads[0]);
        const back = fate(layers[0].gradient / layers[layers.length - 1].gradient);
        const said = verdictOf(layers, hidden);
        expect(said).toContain(`The signal ${there}:`);
        expect(said).toContain(`The gradient ${back} on its way back`);
      }
  });
  it('of Xavier and tanh: spreads that shrink are not called kept', () => {
    expect(told('tanh', 'xavier')).toContain('The signal shrinks');
  });
  it('of weights that are too large: outputs stick, the gradient grows on its way back', () => {
    expect(told('tanh', 'large')).toMatch(/\d+% of its outputs stick at the ends/);
    expect(told('tanh', 'xavier')).not.toContain('stick');
    expect(told('tanh', 'zeros')).toContain('Nothing comes back at all');
  });
});

describe('the boundary of chapter 6', () => {
  it('stays where it is when it becomes steeper, and so do the mistakes', () => {
    const problem = problemOf(written.penguins, written.penguins.variants[0].tape, written.penguins.data.arrays, written.penguins.start.params); // prettier-ignore
    const shoot = camera(problem);
    const labels = (written.penguins.data.arrays.Y as number[][])[0];
    const wrong = (steep: number) =>
      Array.from(shoot(boundaryOf(-21, steep, 0.4)).arrays.get('A')!.data)
        .map((a, i) => Number(a > 0.5 !== labels[i] > 0.5)).join(''); // prettier-ignore
    expect(wrong(4)).toContain('1');
    for (const steep of [0.1, 1, 16]) expect(wrong(steep)).toBe(wrong(4));
    // it lies so far out in its direction, and the score there is zero
    const [w1, w2, b] = boundaryOf(-21, 5, 0.4);
    const turn = (-21 * Math.PI) / 180;
    expect(w1 * 0.4 * Math.cos(turn) + w2 * 0.4 * Math.sin(turn) + b).toBeCloseTo(0, 12);
  });
});

describe('the scores of chapter 6', () => {
  const { collapse, overflow } = widgets;
  it.each(written.scores)('at $z with label $y', ({ z, y, slope, loss }) => {
    const fused = link(overflow.fused.tape, { m: 1 });
    fused.set('Z', [z]);
    fused.set('Y', [y]);
    fused.run();
    close([fused.loss()], [loss]);
    close([fused.gradient('Z')[0]], [slope]);
    const lines = link(collapse.tape, { m: 1 });
    lines.set('Z', [z]);
    lines.set('Y', [y]);
    lines.run();
    collapse.lines.forEach(({ of }, i) => {
      const x = lines.gradient(`line${i}`)[0];
      if (of === 'Z' && Math.abs(z) < 10) close([x], [slope], 1e-14);
    });
    close([lines.gradient(`line${collapse.lines.length - 1}`)[0]], [slope]);
  });

  it('overflow as the formulas stand, and not when fused', () => {
    const composed = link(overflow.composed.tape, { m: 1 });
    composed.set('Z', [-1000]);
    composed.set('Y', [1]);
    composed.run();
    expect(composed.gradient('E')[0]).toBe(Infinity);
    expect(composed.loss()).toBe(Infinity);
    expect(composed.gradient('dZ')[0]).toBeNaN();
  });
});

describe('cross-entropy against squared error', () => {
  it.each(written.squared)('$kind descends as in Python', ({ kind, losses }) => {
    const tape = { entropy: penguins.variants[0].tape, squared: widgets.squared.model }[kind];
    const start = { w: [[-9, 6]], b: 0 };
    const problem = problemOf(penguins, tape, penguins.data.arrays, start);
    const run = descent(problem, { method: 'gradient-descent', rate: 1, steps: losses.length });
    close(run.losses.slice(0, -1), losses, 1e-10);
  });
});

describe('overfitting', () => {
  it.each(written.penalties)('penalty $penalty: both losses as in Python', ({ penalty, at }) => {
    const { tape, loss, train, valid, start, penalties, rate } = widgets.overfit;
    const problem = problemOf(moons, tape, { ...train, lambda_: penalties[penalty] }, start);
    const run = descent(problem, { method: 'adam', rate, steps: 60 });
    for (const one of at)
      for (const [arrays, expected] of [[train, one.train], [valid, one.valid]] as const) {
        const judge = linked(problemOf(moons, loss, arrays, start), {});
        judge.params.set(run.at(one.step).params);
        judge.program.run();
        close([judge.program.loss()], [expected], 1e-8);
      }
  }); // prettier-ignore
});

describe('the drawings’ own arithmetic', () => {
  it('finds where a line crosses a rectangle', () => {
    const box = { u: [-1, 1], v: [-2, 2] } as const;
    expect(across([1, 0], -0.5, box)).toEqual([[0.5, -2], [0.5, 2]]); // prettier-ignore
    expect(across([1, 1], 0, box)).toHaveLength(2);
    expect(across([1, 0], -5, box)).toEqual([]);
    expect(across([0, 0], 1, box)).toEqual([]);
  });

  it('counts what lies outside a histogram to its ends', () => {
    expect([...histogram([-9, 0.1, 0.6, 0.9, 9], [0, 1], 2)]).toEqual([2, 3]);
  });

  it('keeps a state as text, and forgets what it does not know', () => {
    const before = { hidden: 'tanh', step: 0, shift: 0 };
    expect(writeState({ ...before, step: 4, shift: -1.5 }, before)).toBe('step=4&shift=-1.5');
    expect(readState('step=4&shift=-1.5&other=3&step2=&hidden=relu', before)).toEqual({
      hidden: 'relu',
      step: 4,
      shift: -1.5,
    });
    expect(readState('step=four&shift=', before)).toEqual(before);
    expect(writeState(before, before)).toBe('');
  });

  it('picks examples, and predicts the same for them as for all', () => {
    const { tape } = penguins.variants[0];
    const params = { w: [[1, -2]], b: 0.5 };
    const all = camera(problemOf(penguins, tape, penguins.data.arrays, params));
    const chosen = [5, 0, 7];
    const few = camera(problemOf(penguins, tape, some(penguins.data.arrays, chosen), params));
    const vector = Float64Array.of(1, -2, 0.5);
    const A = all(vector).arrays.get('A')!.data;
    expect([...few(vector).arrays.get('A')!.data]).toEqual(chosen.map((i) => A[i]));
    const problem = problemOf(penguins, tape, penguins.data.arrays, params);
    const zero = predictor(problem, 2)!(vector, [Float64Array.of(0, 0), Float64Array.of(0, 0.25)]);
    close(zero, [1 / (1 + Math.exp(-0.5)), 0.5]);
  });
});
