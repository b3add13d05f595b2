// An operation of the table in the browser: its tape, run at whatever the reader chooses. Values and slopes are the
// tape's; nothing here knows how any operation is differentiated.

import { short, tick } from '../../instrument/format.js';
import { link } from '../../runtime/tape.js';
import type { Program, Sizes, Tape } from '../../runtime/tape.js';

export interface Input {
  name: string;
  mathml: string;
  values: number[];
  moves: boolean;
}

/** One operation, as course/notes/scalar.py describes it. */
export interface Operation {
  name: string;
  call: string;
  family: string;
  /** What stands in its box. */
  sign: string;
  /** How it is called on numbers; "" where it takes arrays. */
  code: string;
  forward: string[];
  backward: string[];
  words: string;
  kink: string;
  reuse: string;
  reads: string[];
  source: string;
  output: string;
  outputs: number;
  upstream: boolean;
  inputs: Input[];
  vary: [string, number][];
  window: [number, number];
  frame: [number, number];
  corners: (number | string)[];
  tape: Tape;
  sizes: Sizes;
}

export interface Operations {
  operations: Record<string, Operation>;
}

/** The numbers at one place. */
export interface At {
  value: number;
  slope: number;
}

/** Where a slope jumps: what it is on both sides, and what is taken there. */
export interface Corner {
  x: number;
  value: number;
  left: At;
  right: At;
  taken: number;
}

/** A number in a drawing: four significant digits, without zeros that say nothing where it is exact. */
export const brief = (x: number, digits = 4): string =>
  Number.isFinite(x) &&
  Number(x.toPrecision(digits)) === x &&
  Math.abs(x) < 1e5 &&
  (x === 0 || Math.abs(x) >= 1e-3)
    ? tick(x)
    : short(x, digits);

export type Values = Record<string, number[]>;

/** The values that an operation starts from. */
export const start = (op: Operation): Values =>
  Object.fromEntries(op.inputs.map(({ name, values }) => [name, [...values]]));

/** Runs the tape of an operation. */
export class Runner {
  readonly op: Operation;
  private readonly program: Program;
  private readonly g: Float64Array;

  constructor(op: Operation) {
    this.op = op;
    this.program = link(op.tape, op.sizes);
    this.g = new Float64Array(op.outputs);
  }

  /** Computes everything; `upstream` arrives at one entry of the output. */
  run(values: Values, upstream = 1, entry = 0): void {
    const { op, program } = this;
    for (const { name } of op.inputs) program.set(name, values[name]);
    if (op.upstream) {
      this.g.fill(0);
      this.g[entry] = upstream;
      program.set('g', this.g);
    }
    program.run();
  }

  /** The output's entries, after a run. */
  output(): number[] {
    return this.op.upstream ? [...this.program.value(this.op.output)] : [this.program.loss()];
  }

  /** What comes back to an input, after a run. */
  gradient(name: string): number[] {
    return [...this.program.gradient(name)];
  }

  /** Value and slope with one entry moved to x. */
  at(values: Values, [name, index]: readonly [string, number], x: number, entry = 0): At {
    const held = values[name];
    const moved = [...held];
    moved[index] = x;
    this.run({ ...values, [name]: moved }, 1, entry);
    const value = this.output()[entry];
    // where there is no value there is no slope, whatever a formula says
    return { value, slope: Number.isFinite(value) ? this.program.gradient(name)[index] : NaN };
  }
}

/** Value and slope along a window, with gaps where the value jumps. */
export interface Curve {
  xs: number[];
  values: number[];
  slopes: number[];
  corners: Corner[];
}

const NEAR = 1e-6;

export function corners(
  runner: Runner,
  values: Values,
  vary: readonly [string, number],
  entry = 0,
): Corner[] {
  const [low, high] = runner.op.window;
  const places = new Set<number>();
  for (const one of runner.op.corners)
    if (typeof one === 'number') places.add(one);
    else if (one === 'whole') for (let k = Math.ceil(low); k <= high; k++) places.add(k);
    else if (one !== vary[0]) places.add(values[one]?.[0] ?? NaN);
    else for (const [name] of runner.op.vary) if (name !== one) places.add(values[name][0]);
  const found: Corner[] = [];
  for (const x of [...places].sort((a, b) => a - b)) {
    if (!(x > low && x < high)) continue;
    const [left, at, right] = [x - NEAR, x, x + NEAR].map((p) => runner.at(values, vary, p, entry));
    const jumps = (a: number, b: number) => !(Math.abs(a - b) < 1e-3);
    const odd = jumps(left.value, right.value) || jumps(at.value, right.value) || jumps(left.slope, right.slope); // prettier-ignore
    if (odd && (Number.isFinite(left.value) || Number.isFinite(right.value)))
      found.push({ x, value: at.value, left, right, taken: at.slope });
  }
  return found;
}

export function curve(
  runner: Runner,
  values: Values,
  vary: readonly [string, number],
  entry = 0,
  count = 240,
): Curve {
  const [low, high] = runner.op.window;
  const odd = corners(runner, values, vary, entry);
  const xs = Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
  for (const { x } of odd) xs.push(x - NEAR, x, x + NEAR);
  xs.sort((a, b) => a - b);
  const all = xs.map((x) => runner.at(values, vary, x, entry));
  const made = {
    xs,
    values: all.map((a) => a.value),
    slopes: all.map((a) => a.slope),
    corners: odd,
  };
  xs.forEach((x, i) => {
    // a corner is drawn by its own marks: the lines stop on both sides of a jump
    const corner = odd.find((one) => one.x === x);
    if (!corner) return;
    made.slopes[i] = NaN;
    if (!(Math.abs(corner.left.value - corner.right.value) < 1e-3)) made.values[i] = NaN;
  });
  return made;
}

/** A frame for slopes: all that are finite, within reason, and zero. */
export function frame(numbers: readonly number[], most = 6): [number, number] {
  const held = numbers.filter(Number.isFinite).map((y) => Math.max(-most, Math.min(most, y)));
  const [low, high] = [Math.min(0, ...held), Math.max(0, ...held)];
  const room = 0.12 * (high - low || 1);
  return [low - room, high + room];
}

/** The state of an operation's picture, as text: "op=tanh&x=1.5&h=0.1". */
export interface Picture {
  op: string;
  vary: number;
  entry: number;
  h: number;
  dy: number;
  values: Values;
}

const numbers = (text: string | undefined, count: number): number[] | null => {
  const found = (text ?? '').split(',').map(Number);
  return found.length === count && text && found.every(Number.isFinite) ? found : null;
};

export function readPicture(
  text: string,
  known: Record<string, Operation>,
  first: string,
): Picture {
  const given = new URLSearchParams(text);
  const name = given.get('op') ?? first;
  const op = known[Object.hasOwn(known, name) ? name : first];
  const values = start(op);
  const flat = numbers(given.get('v') ?? undefined, Object.values(values).flat().length);
  if (flat) for (const key of Object.keys(values)) values[key] = flat.splice(0, values[key].length);
  const number = (key: string, otherwise: number, low: number, high: number) => {
    const found = Number(given.get(key) ?? NaN);
    return Number.isFinite(found) ? Math.max(low, Math.min(high, found)) : otherwise;
  };
  const vary = Math.round(number('by', 0, 0, op.vary.length - 1));
  const picture = {
    op: op.name,
    vary,
    entry: Math.round(number('of', 0, 0, op.outputs - 1)),
    values,
  };
  const [moved, index] = op.vary[vary];
  values[moved][index] = number('x', values[moved][index], -1e6, 1e6);
  return {
    ...picture,
    h: number('h', op.window[1] - op.window[0] < 2 ? 0.1 : 1, 1e-12, 4),
    dy: op.upstream ? number('dy', 1, -10, 10) : 1,
  };
}

export function writePicture(picture: Picture, op: Operation, first: string): string {
  const parts: string[] = [];
  const begun = readPicture(
    op.name === first ? '' : `op=${op.name}`,
    { [op.name]: op, [first]: op },
    first,
  );
  const short = (x: number) => String(Number(x.toPrecision(6)));
  if (op.name !== first) parts.push(`op=${op.name}`);
  if (picture.vary) parts.push(`by=${picture.vary}`);
  if (picture.entry) parts.push(`of=${picture.entry}`);
  if (picture.h !== begun.h) parts.push(`h=${short(picture.h)}`);
  if (picture.dy !== begun.dy) parts.push(`dy=${short(picture.dy)}`);
  const flat = (values: Values) => Object.values(values).flat().map(short).join(',');
  if (flat(picture.values) !== flat(begun.values)) parts.push(`v=${flat(picture.values)}`);
  return parts.join('&');
}
