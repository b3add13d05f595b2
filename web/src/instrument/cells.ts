// Where one number of a value comes from: the sum of products that its line on the tape says, with the
// numbers in it. "dW1[2, 0] = dZ1[2, 0] X[0, 0] + dZ1[2, 1] X[0, 1] + ..."

import { coefficientValue } from '../runtime/format.js';
import type { Op, Sizes, Tape } from '../runtime/format.js';
import { slotOf } from './tapes.js';
import { entryName, short } from './format.js';
import { sizeOf } from '../runtime/format.js';

/** A factor: an entry of a value, or a sum in brackets, such as "(1 − A1[0, 3])". */
export interface FactorEntry {
  /** The entries that it reads. */
  reads: { label: string; index: number }[];
  name: string;
  value: number;
}

export interface Product {
  coefficient: number;
  factors: FactorEntry[];
  value: number;
}

/** A number that stands before factors: whole ones without decimals. */
const scale = (x: number, digits: number) =>
  Number.isInteger(x) && x < 1e5 ? String(x) : short(x, digits);

/** Terms as a sum that can be read, by a way to write a factor; "… (40 terms)" at the end where there are more than `most`. */
function sumOf(
  products: readonly Product[],
  most: number,
  digits: number,
  write: (factor: FactorEntry) => string,
): string {
  const terms = products.slice(0, most).map(({ coefficient, factors }, k) => {
    const size = Math.abs(coefficient);
    const before = size === 1 && factors.length ? [] : [scale(size, digits)];
    const sign = coefficient < 0 ? (k ? ' − ' : '−') : k ? ' + ' : '';
    return sign + [...before, ...factors.map(write)].join(' · ');
  });
  return terms.join('') + (products.length > most ? ' + …' : '');
}

/** A sum of products by the names of its factors. */
export const named = (products: readonly Product[], most = 2) =>
  sumOf(products, most, 4, ({ name }) => name);

/** A sum of products in numbers. */
export function spelled(products: readonly Product[], most: number, digits = 4): string {
  const many = products.length > most ? ` (${products.length} terms)` : '';
  const number = ({ value }: FactorEntry) =>
    value < 0 ? `(${short(value, digits)})` : short(value, digits);
  return sumOf(products, most, digits, number) + many;
}

/** More terms than this are not spelled out. */
const MOST = 20_000;

export type Values = ReadonlyMap<string, { shape: readonly number[]; data: Float64Array }>;

/** The products that add up to an entry; undefined where it is not made by products and sums. */
export function productsOf(
  tape: Tape,
  sizes: Sizes,
  values: Values,
  label: string,
  index: number,
): Product[] | undefined {
  const names = new Map<number, string>();
  for (const { slot, name } of tape.inputs) names.set(slot, name);
  for (const [name, slot] of Object.entries(tape.names)) names.set(slot, name);
  for (const [name, slot] of Object.entries(tape.gradients)) names.set(slot, `d${name}`);
  const gradient = label.startsWith('d') && Object.hasOwn(tape.gradients, label.slice(1));
  const top = Object.hasOwn(tape.names, label)
    ? tape.names[label]
    : gradient
      ? tape.gradients[label.slice(1)]
      : slotOf(tape, label);
  const ops = new Map(tape.ops.map((op) => [op.slot, op]));
  let budget = MOST;

  const shapeOf = (slot: number) => {
    const dims =
      ops.get(slot)?.shape ?? tape.inputs.find((input) => input.slot === slot)?.shape ?? [];
    return dims.map((dim) => sizeOf(dim, sizes));
  };
  const expand = (slot: number, at: number[], root: boolean): Product[] | undefined => {
    const name = names.get(slot);
    if (name !== undefined && !root) return leaf(name, slot, at);
    const op = ops.get(slot);
    if (!op) return undefined;
    if (op.kind === 'add') {
      const shape = shapeOf(slot);
      const found: Product[] = [];
      for (const arg of op.args) {
        const own = shapeOf(arg);
        const there = at.slice(shape.length - own.length).map((i, k) => (own[k] === 1 ? 0 : i));
        const part = expand(arg, there, false);
        if (!part) return undefined;
        found.push(...part);
      }
      return found;
    }
    return op.kind === 'ein' ? contracted(op, at) : undefined;
  };
  const leaf = (name: string, slot: number, at: number[]): Product[] | undefined => {
    const known = values.get(name);
    if (!known) return undefined;
    const shape = shapeOf(slot);
    const flat = at.reduce((sum, i, axis) => sum * shape[axis] + i, 0);
    const value = known.data[flat];
    const reads = [{ label: name, index: flat }];
    const factor = { reads, name: entryName(name, shape, flat), value };
    return [{ coefficient: 1, factors: [factor], value }];
  };
  const contracted = (op: Op & { kind: 'ein' }, at: number[]): Product[] | undefined => {
    const range = new Map<number, number>();
    op.args.forEach((arg, k) =>
      shapeOf(arg).forEach((size, axis) => {
        const letter = op.letters[k][axis];
        range.set(letter, Math.max(range.get(letter) ?? 1, size));
      }),
    );
    const fixed = new Map(op.out.map((letter, axis) => [letter, at[axis]]));
    const free = [...range.keys()].filter((letter) => !fixed.has(letter));
    const total = free.reduce((product, letter) => product * range.get(letter)!, 1);
    budget -= total;
    if (budget < 0) return undefined;
    const coefficient = coefficientValue(op.coefficient, sizes);
    const found: Product[] = [];
    for (let n = 0; n < total; n++) {
      let rest = n;
      const now = new Map(fixed);
      for (const letter of free.toReversed()) {
        now.set(letter, rest % range.get(letter)!);
        rest = Math.floor(rest / range.get(letter)!);
      }
      let product: Product = { coefficient, factors: [], value: coefficient };
      for (const [k, arg] of op.args.entries()) {
        const own = shapeOf(arg);
        const there = op.letters[k].map((letter, axis) => (own[axis] === 1 ? 0 : now.get(letter)!));
        const part = expand(arg, there, false);
        if (!part) return undefined;
        const q = part.length === 1 ? part[0] : bracketed(part);
        product = {
          coefficient: product.coefficient * q.coefficient,
          factors: [...product.factors, ...q.factors],
          value: product.value * q.value,
        };
      }
      found.push(product);
    }
    return found;
  };
  /** A sum is one factor, as the row has it: 1 − A1. */
  const bracketed = (terms: Product[]): Product => {
    const value = terms.reduce((sum, term) => sum + term.value, 0);
    const reads = terms.flatMap(({ factors }) => factors.flatMap((factor) => factor.reads));
    return { coefficient: 1, factors: [{ reads, name: `(${named(terms, 4)})`, value }], value };
  };
  if (top === undefined) return undefined;
  const shape = values.get(label)?.shape ?? [];
  const at: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return expand(top, at, true);
}
