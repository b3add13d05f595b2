import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Tape } from '../src/runtime/format';
import { link } from '../src/runtime/tape';

// Tapes as Python writes them, with answers that Python computed without the tape.
type Nested = number | Nested[];
interface Case {
  name: string;
  tape: Tape;
  sizes: Record<string, number>;
  inputs: Record<string, Nested>;
  loss: number;
  gradients: Record<string, Nested>;
}

const file = fileURLToPath(new URL('../../contract/tapes.json', import.meta.url));
const cases = JSON.parse(readFileSync(file, 'utf-8')) as Case[];

const flat = (x: Nested): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x]);

function close(actual: ArrayLike<number>, expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  // exp and tanh differ by an ulp between languages; a sum of a few dozen terms stays far within 1e-12
  const scale = Math.max(...expected.map(Math.abs), 1e-300);
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-12 * scale));
}

describe('tapes from Python', () => {
  it("covers the course's models and the gallery", () => {
    expect(cases.length).toBeGreaterThanOrEqual(15);
  });
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const program = link(one.tape, one.sizes);
    for (const [name, value] of Object.entries(one.inputs)) program.set(name, value as never);
    program.run();
    close([program.loss()], [one.loss]);
    for (const [name, value] of Object.entries(one.gradients)) {
      close(program.gradient(name), flat(value));
    }
  });
});
