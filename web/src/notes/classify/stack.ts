// What passes through a deep stack of layers at its start: the outputs of every layer, and the length of the gradient
// that comes back to its weights.

import { link } from '../../runtime/tape.js';
import type { Tape } from '../../runtime/format.js';
import { normal } from '../../runtime/threefry.js';
import { short } from '../../instrument/format.js';
import { SCHEMES, spreadOf } from './core.js';

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

/** What becomes of a size that is multiplied by this from one end of the stack to the other. */
export function fate(ratio: number): string {
  if (ratio < 1e-3) return 'dies';
  if (ratio < 0.5) return 'shrinks';
  if (ratio <= 2) return 'keeps its size';
  return ratio <= 1e3 ? 'grows' : 'explodes';
}

/** How many of the outputs are within a hundredth of an end of their range; a ReLU has only one end, and rests there. */
function stuck(A: Float64Array, hidden: string): number {
  if (hidden === 'relu') return 0;
  const low = hidden === 'tanh' ? -0.99 : 0.01;
  return A.filter((a) => a < low || a > 0.99).length / A.length;
}

/** What happens to signal and gradient between the ends of a stack, by its own numbers. */
export function verdictOf(layers: readonly Layer[], hidden: string): string {
  const last = layers[layers.length - 1];
  if (layers.every(({ gradient }) => gradient === 0))
    return 'Nothing comes back at all: every weight stays where it is.';
  const there = spreadOf(last.A).deviation / spreadOf(layers[0].A).deviation;
  const back = layers[0].gradient / last.gradient;
  const share = stuck(last.A, hidden);
  const ends = share > 0.25 ? ` ${Math.round(share * 100)}% of its outputs stick at the ends.` : '';
  return (
    `The signal ${fate(there)}: the last layer spreads ${short(there, 2)} times as much as the first.${ends} ` +
    `The gradient ${fate(back)} on its way back: the first layer's is ${short(back, 2)} times the last's.`
  );
}
