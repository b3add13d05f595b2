// The tape as Python writes it (JSON, version 1), and the exact numbers in it.

/** A dim is a name ("m") or digits ("3"), which stand for themselves. */
export type Dim = string;

export interface Coefficient {
  /** Decimal integers, as long as they need to be. */
  numerator: string;
  denominator: string;
  /** Powers of dims: "-1", "-1/2". */
  dims: Record<Dim, string>;
}

export interface Input {
  slot: number;
  name: string;
  role: string;
  shape: Dim[];
}

interface Written {
  slot: number;
  args: number[];
  shape: Dim[];
}

export type Op = Written &
  (
    | { kind: 'ein'; letters: number[][]; out: number[]; coefficient: Coefficient }
    | { kind: 'add' }
    | { kind: 'map'; op: string; parameters: Record<string, string> }
    | { kind: 'axis'; op: string; axes: number[] }
    | { kind: 'select' | 'place'; axis: number; index: number }
  );

export interface Tape {
  version: number;
  model: string;
  dims: Dim[];
  inputs: Input[];
  ops: Op[];
  names: Record<string, number>;
  loss: number;
  gradients: Record<string, number>;
}

export type Sizes = Readonly<Record<string, number>>;

/** The size of a dim. */
export function sizeOf(dim: Dim, sizes: Sizes): number {
  const size = /^\d+$/.test(dim) ? Number(dim) : Object.hasOwn(sizes, dim) ? sizes[dim] : undefined;
  if (size === undefined)
    throw new Error(`missing size for dim "${dim}": got ${JSON.stringify(sizes)}`);
  if (!Number.isInteger(size) || size < 0)
    throw new Error(`size of dim "${dim}" must be a whole number, not ${size}`);
  return size;
}

/** "3", "-1/100" as [numerator, denominator]. */
function fraction(text: string | undefined, what: string): [bigint, bigint] {
  const parts = /^(-?\d+)(?:\/(\d+))?$/.exec(text ?? '');
  if (!parts || /^0+$/.test(parts[2] ?? '1'))
    throw new Error(`${what} must be an integer or a fraction such as "1/100", not ${text}`);
  return [BigInt(parts[1]), BigInt(parts[2] ?? 1)];
}

/** top / bottom as the nearest double, also where the two do not fit into one. */
function divide(top: bigint, bottom: bigint): number {
  const exact = BigInt(Number.MAX_SAFE_INTEGER);
  const size = top < 0n ? -top : top;
  if (size <= exact && bottom <= exact) return Number(top) / Number(bottom);
  const bits = (x: bigint) => x.toString(2).length;
  const shift = bits(bottom) - bits(size) + 66; // 66 bits are enough to round to 53
  const quotient = shift < 0 ? size / (bottom << BigInt(-shift)) : (size << BigInt(shift)) / bottom;
  // In two halves: 2 ** -shift alone may leave the range where the product does not.
  const half = Math.trunc(shift / 2);
  return (top < 0n ? -1 : 1) * Number(quotient) * 2 ** -half * 2 ** -(shift - half);
}

/** A parameter of an op, from its exact text. */
export function parameter(op: Op & { kind: 'map' }, name: string): number {
  return divide(...fraction(op.parameters[name], `parameter "${name}" of "${op.op}"`));
}

/** numerator / denominator * product of size^power: whole powers exactly, one rounding at the end. */
export function coefficientValue(coefficient: Coefficient, sizes: Sizes): number {
  let [top] = fraction(coefficient.numerator, 'numerator');
  let [bottom] = fraction(coefficient.denominator, 'denominator');
  let roots = 1;
  for (const [dim, text] of Object.entries(coefficient.dims)) {
    const size = sizeOf(dim, sizes);
    const [p, q] = fraction(text, `power of dim "${dim}"`);
    if (p % q !== 0n) roots *= size ** (Number(p) / Number(q));
    else if (p < 0n) bottom *= BigInt(size) ** (-p / q);
    else top *= BigInt(size) ** (p / q);
  }
  if (bottom < 0n) [top, bottom] = [-top, -bottom];
  if (bottom === 0n) throw new Error('coefficient divides by zero');
  return divide(top, bottom) * roots;
}
