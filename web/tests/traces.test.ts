import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { array } from '../src/runtime/array.js';
import { batch } from '../src/runtime/batches.js';
import { descent } from '../src/runtime/descend.js';
import type { Tape } from '../src/runtime/format.js';

// Whole descents that Python ran with NumPy, without a tape.
type Nested = number | Nested[];
interface Trace {
  name: string;
  gradient_tape: Tape;
  update_tape: Tape;
  data: Record<string, Nested>;
  params: Record<string, Nested>;
  seed: number;
  batch_size: number | null;
  /** The examples of the first steps. */
  batches?: number[][] | null;
  steps: number;
  losses: number[];
  final: Record<string, Nested>;
}

const file = fileURLToPath(new URL('../../contract/traces.json', import.meta.url));
if (!existsSync(file))
  throw new Error(`${file} is missing: write it with "python contract/traces.py"`);
const document = JSON.parse(readFileSync(file, 'utf-8')) as { version: number; traces: Trace[] };

const flat = (x: Nested): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x]);

// Each step rounds (exp by an ulp, sums in another order), and a descent carries it on.
function close(actual: ArrayLike<number>, expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs), 1e-300);
  expected.forEach((x, i) => expect(Math.abs(actual[i] - x)).toBeLessThanOrEqual(1e-9 * scale));
}

const run = (one: Trace) =>
  descent({
    gradientTape: one.gradient_tape,
    updateTape: one.update_tape,
    data: one.data,
    params: one.params,
    batchSize: one.batch_size,
    seed: one.seed,
  });

describe('traces from Python', () => {
  const cases = document.traces.map((one) => [one.name, one] as const);
  it('are of version 1, some with batches and some without', () => {
    expect(document.version).toBe(1);
    expect(new Set(document.traces.map((one) => one.batch_size === null)).size).toBe(2);
  });
  it.each(cases)('%s', (_, one) => {
    const { run: go, params } = run(one);
    const losses = go(one.steps);
    one.losses.forEach((loss, i) =>
      expect(Math.abs(losses[i] - loss), `step ${i + 1}`).toBeLessThanOrEqual(
        1e-9 * Math.abs(loss),
      ),
    );
    expect(losses).toHaveLength(one.losses.length);
    expect(Object.keys(params).sort()).toEqual(Object.keys(one.final).sort());
    for (const [name, value] of Object.entries(one.final)) close(params[name], flat(value));
  });
  it.each(cases.filter(([, one]) => one.batches))('%s: its batches', (_, one) => {
    const { name, shape } = one.gradient_tape.inputs.find(({ role }) => role !== 'parameter')!;
    const m = array(one.data[name]).shape[shape.indexOf('m')];
    one.batches!.forEach((chosen, step) =>
      expect([...batch(one.seed, step, m, one.batch_size!)]).toEqual(chosen),
    );
  });
});
