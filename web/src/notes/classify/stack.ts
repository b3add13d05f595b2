// What passes through a deep stack of layers at its start: the outputs of every layer, and the length of the gradient
// that comes back to its weights.

import { link } from '../../runtime/tape.js';
import type { Tape } from '../../runtime/format.js';
import { normal } from '../../runtime/threefry.js';
import { SCHEMES } from './core.js';

export interface Stack {
  stacks: Readonly<Record<string, Tape>>;
  depth: number;
  width: number;
  examples: number;
}

export interface Layer {
  A: Float64Array;
  /** The length of dW. */
  gradient: number;
}

/** Inputs and targets are normal numbers of the streams 100 and 101 of a seed, weights of the streams 1, 2, ... */
export function passes(
  { stacks, depth, width, examples }: Stack,
  hidden: string,
  scheme: string,
  seed: number,
): Layer[] {
  const program = link(stacks[hidden], { n: width, m: examples });
  const deviation = SCHEMES[scheme](width, width);
  program.set('X', normal(seed, 100, width * examples));
  program.set('Y', normal(seed, 101, width * examples));
  for (let k = 1; k <= depth; k++)
    program.set(
      `W${k}`,
      normal(seed, k, width * width).map((x) => deviation * x),
    );
  program.run();
  return Array.from({ length: depth }, (_, i) => ({
    A: program.value(`A${i + 1}`).slice(),
    gradient: Math.sqrt(program.gradient(`W${i + 1}`).reduce((sum, g) => sum + g * g, 0)),
  }));
}
