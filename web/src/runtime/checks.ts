// What an op of a tape must fit before it is linked.

import { show } from './array.js';

/** Throws unless an op gets the arguments it needs, each (if given) of one shape. */
export function expectArgs(what: string, args: number[][], wanted: number, shape?: number[]): void {
  if (args.length !== wanted)
    throw new Error(`${what} takes ${wanted} arguments, got ${args.length}`);
  for (const arg of shape ? args : [])
    if (show(arg) !== show(shape!))
      throw new Error(`${what} expects arguments of shape ${show(shape!)}, got ${show(arg)}`);
}

export function expectShape(what: string, output: number[], wanted: number[]): void {
  if (show(output) !== show(wanted))
    throw new Error(`${what} gives shape ${show(wanted)}, the tape says ${show(output)}`);
}

export function expectEntry(what: string, value: number, size: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= size)
    throw new Error(`${what} ${value} is not between 0 and ${size - 1}`);
}

/** The size of every letter of an ein, the same wherever it stands. */
export function letterSizes(
  letters: number[][],
  args: number[][],
  out: number[],
  output: number[],
): number[] {
  const sizes: number[] = [];
  const read = (own: number[], shape: number[], what: string) => {
    if (own.length !== shape.length)
      throw new Error(`${what} of ein has ${own.length} letters for shape ${show(shape)}`);
    own.forEach((letter, axis) => {
      sizes[letter] ??= shape[axis];
      if (sizes[letter] !== shape[axis])
        throw new Error(
          `letter ${letter} of ein is ${sizes[letter]} long, but ${shape[axis]} in ${what}`,
        );
    });
  };
  args.forEach((shape, i) => read(letters[i], shape, `argument ${i}`));
  read(out, output, 'the output');
  return sizes;
}
