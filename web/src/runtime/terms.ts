// What sums and products mean, so that several ops run as one: a value is a sum of terms, a term a
// coefficient times a contraction of arrays. A scale, a constant or a value read once is kept as
// its terms until an op reads it, and most then take the terms in, which saves a pass.

import { einLoops, show } from './array.js';
import { contraction } from './contraction.js';
import type { Run, Start } from './contraction.js';
import { product, weightedSum } from './flat.js';

export interface Factor {
  data: Float64Array;
  letters: number[];
  /** Added to every entry of the data; only where all factors have one layout. -0 is nothing. */
  plus: number;
}

export interface Term {
  coefficient: number;
  factors: Factor[];
  out: number[];
  /** By letter. */
  sizes: number[];
}

/** What an argument is: its terms while no array holds it, or that array. */
export interface Argument {
  shape: number[];
  terms: Term[];
  /** The array, computed now if it was not. */
  data(): Float64Array;
}

/** An array as a term. */
export function arrayTerm(data: Float64Array, shape: number[]): Term {
  const out = shape.map((_, axis) => axis);
  return { coefficient: 1, factors: [{ data, letters: out, plus: -0 }], out, sizes: shape };
}

/** The contraction of arguments, with what they mean put in where that costs no pass. */
export function contractionTerms(
  coefficient: number,
  args: Argument[],
  letters: number[][],
  out: number[],
  sizes: number[],
): Term[] {
  const term: Term = { coefficient, factors: [], out, sizes };
  const flat = letters.every((own) => sameLayout(own, out, sizes));
  if (args.length === 1 && show(letters[0]) === show(out))
    return args[0].terms.map((one) => ({ ...one, coefficient: coefficient * one.coefficient }));
  args.forEach((arg, i) => {
    const left = args.length - 1 - i;
    const found = putIn(arg, term, flat && args.length > 1, flat ? Infinity : 2 - left);
    term.coefficient *= found.coefficient;
    for (const { data, letters: axes, plus } of found.factors) {
      // Letters of size 1 do nothing, and a letter of a term's own may be of size 1 only.
      const own = axes.filter((axis) => found.sizes[axis] !== 1).map((axis) => letters[i][axis]);
      term.factors.push({ data, letters: own, plus });
    }
  });
  return [term];
}

/** An argument as one term (letters: its axes), with at most so many factors in all. */
function putIn(arg: Argument, { factors }: Term, shift: boolean, most: number): Term {
  const own = arg.terms.filter((term) => term.factors.length > 0);
  const constants = arg.terms.filter((term) => term.factors.length === 0);
  const [inner] = own;
  if (own.length === 1 && isFlat(inner)) {
    const room = inner.factors.length === 1 || factors.length + inner.factors.length <= most;
    if (constants.length === 0 && room) return inner;
    // k + c x as c (x + k / c), once: the loops take one such factor.
    const free = shift && inner.factors.length === 1 && factors.every((f) => Object.is(f.plus, -0));
    const plus = constants.reduce((sum, { coefficient: k }) => sum + k / inner.coefficient, 0);
    if (free && Number.isFinite(plus))
      return { ...inner, factors: [{ ...inner.factors[0], plus }] };
  }
  return arrayTerm(arg.data(), arg.shape);
}

/** Whether two lists of letters walk memory alike (letters of size 1 do not matter). */
function sameLayout(letters: number[], out: number[], sizes: number[]): boolean {
  const loops = einLoops([letters], out, sizes);
  return loops.length === 1 && loops[0].strides.every((s) => s === (loops[0].size > 1 ? 1 : 0));
}

/** Whether a term is a product of arrays of the output's layout. */
function isFlat({ factors, out, sizes }: Term): boolean {
  return factors.every(({ letters }) => sameLayout(letters, out, sizes));
}

/** Whether a term is so cheap that computing it again in every op that reads it costs nothing. */
export function isScale(term: Term): boolean {
  return term.factors.length === 0 || (term.factors.length === 1 && isFlat(term));
}

/** Whether a term may wait: its factors are plain arrays, its axes come in order. */
export function mayWait({ factors, out }: Term): boolean {
  return factors.every(({ plus }) => Object.is(plus, -0)) && out.every((l, axis) => l === axis);
}

/** Closures that leave the sum of the terms in `output`, run in order. */
export function evaluate(terms: Term[], output: Float64Array): Run[] {
  const constants = terms.filter((term) => term.factors.length === 0);
  const constant = constants.reduce((sum, { coefficient }) => sum + coefficient, -0);
  const rest = terms.filter((term) => !constants.includes(term));
  if (rest.length === 1 && rest[0].factors.length > 1 && isFlat(rest[0])) {
    const { coefficient, factors } = rest[0];
    const inOrder = factors.toSorted((f, g) => Number(f.plus !== 0) - Number(g.plus !== 0));
    const last = inOrder[inOrder.length - 1];
    const data = inOrder.map((f) => f.data);
    return [product(output, constant, coefficient, data, last.plus)];
  }
  const flat = rest.filter((term) => term.factors.length === 1 && isFlat(term));
  const apart = rest.filter((term) => !flat.includes(term));
  const weighted = flat.map(({ coefficient, factors }) => ({ coefficient, data: factors[0].data }));
  const runs = flat.length || !apart.length ? [weightedSum(output, constant, weighted)] : [];
  let start: Start | undefined;
  const view = apart.length > 1 ? apart.findIndex(isView) : -1;
  if (runs.length) start = { data: output, letters: apart[0]?.out ?? [] };
  else if (constants.length) start = { data: Float64Array.of(constant), letters: [] };
  else if (view >= 0) start = apart.splice(view, 1)[0].factors[0];
  for (const { coefficient, factors, out, sizes } of apart) {
    const [data, letters] = [factors.map((f) => f.data), factors.map((f) => f.letters)];
    runs.push(...contraction(coefficient, data, letters, out, sizes, output, start));
    start = { data: output, letters: out };
  }
  return runs;
}

/** Whether a term is one array, broadcast or turned but not summed. */
function isView({ coefficient, factors, out }: Term): boolean {
  const [{ letters }] = factors;
  return coefficient === 1 && factors.length === 1 && letters.every((l) => out.includes(l));
}
