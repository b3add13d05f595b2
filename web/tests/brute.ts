// A contraction by its definition: one term for every value of every letter. Slow on purpose.

export interface Case {
  operands: number[][];
  letters: number[][];
  out: number[];
  sizes: number[];
}

/** A repeatable stream of numbers in [0, 1). */
export function stream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function shapeOf(letters: number[], sizes: number[]): number[] {
  return letters.map((letter) => sizes[letter]);
}

export function volume(shape: number[]): number {
  return shape.reduce((n, size) => n * size, 1);
}

function offset(letters: number[], sizes: number[], at: number[]): number {
  return letters.reduce((sum, letter) => sum * sizes[letter] + at[letter], 0);
}

export function bruteEin(coefficient: number, { operands, letters, out, sizes }: Case): number[] {
  const result = new Array<number>(volume(shapeOf(out, sizes))).fill(0);
  // A letter nothing uses is neither summed nor broadcast.
  const used = new Set([...letters.flat(), ...out]);
  const spans = sizes.map((size, letter) => (used.has(letter) ? size : 1));
  for (let turn = 0; turn < volume(spans); turn++) {
    let rest = turn;
    const at = spans.map((span) => {
      const value = rest % span;
      rest = (rest - value) / span;
      return value;
    });
    let term = coefficient;
    operands.forEach((data, i) => (term *= data[offset(letters[i], sizes, at)]));
    result[offset(out, sizes, at)] += term;
  }
  return result;
}

/** Random letters: repeated ones, summed, broadcast, on the diagonal, of size 1. */
export function randomCase(random: () => number): Case {
  const whole = (n: number) => Math.floor(random() * n);
  const sizes = Array.from({ length: 4 }, () => 1 + whole(4));
  const pick = (n: number) => Array.from({ length: whole(n) }, () => whole(4));
  const letters = Array.from({ length: whole(4) }, () => pick(4));
  const operands = letters.map((own) =>
    Array.from({ length: volume(shapeOf(own, sizes)) }, () => 2 * random() - 1),
  );
  return { operands, letters, out: pick(4), sizes };
}

/** Matrix products in every transposition, long enough for unrolled loops and their remainders. */
export function matrixCases(random: () => number): Case[] {
  const sizes = [5, 7, 6];
  const draw = (own: number[]) =>
    Array.from({ length: volume(shapeOf(own, sizes)) }, () => 2 * random() - 1);
  const cases: Case[] = [];
  for (const left of [
    [0, 1],
    [1, 0],
  ])
    // prettier-ignore
    for (const right of [[1, 2], [2, 1]]) // prettier-ignore
      for (const out of [[0, 2], [2, 0]]) // prettier-ignore
        cases.push({ operands: [draw(left), draw(right)], letters: [left, right], out, sizes });
  return cases;
}
