// Formulas of arrays as answers: read here, with shapes by dim name, and judged at the points that came with the question.

import { BINARY, FUNCTIONS, normal, Unreadable } from './answers.js';
import { factorsOf } from './numbers.js';
import { known, right, wrong } from './question.js';
import type { Blank, Nested, Question, Verdict } from './question.js';

interface Value {
  dims: string[];
  shape: number[];
  data: number[];
}

const CLOSE = 1e-9;
const DEEPEST = 100;
const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|((?:np\.|cr\.)?[A-Za-z_][A-Za-z0-9_]*)|("[A-Za-z0-9_]*"|'[A-Za-z0-9_]*')|(\*\*|\.T\b|[-+*/@(),=]))/y;

export function judgeExpression(question: Question, blank: Blank, text: string): Verdict {
  const values = at(blank, text);
  const dims = values[0].dims;
  if (dims.join() !== blank.shape.join())
    return wrong(
      blank,
      `The shape comes out as ${show(dims)}, and it must be ${show(blank.shape)}.`,
      'shape',
    );
  const answers = blank.samples.map((sample) => flat(sample.answer));
  const found = values.map(({ data }) => data);
  if (!found.every((row) => row.every(Number.isFinite)))
    throw new Unreadable('The formula does not give finite numbers.');
  if (agree(found, answers)) return right(blank);
  for (const mistake of blank.mistakes) {
    const other = at(blank, mistake.fingerprint);
    if (
      other[0].dims.join() === dims.join() &&
      agree(
        found,
        other.map(({ data }) => data),
      )
    )
      return known(blank, mistake);
  }
  for (const [name, factor] of factorsOf(question)) {
    const times = answers.map((row) => row.map((x) => factor * x));
    if (agree(found, times)) return wrong(blank, `It is ${name} times the right formula.`, 'ratio');
  }
  return wrong(blank, 'At the points where it was tried, it gives other values.');
}

const show = (dims: string[]) => (dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`);

function at(blank: Blank, text: string): Value[] {
  const plain = normal(text).replaceAll('^T', '.T').replaceAll('^', '**');
  return blank.samples.map((sample) => {
    const known = new Map<string, Value>();
    for (const [name, dims] of Object.entries(blank.names)) {
      const shape = dims.map((d) => (/^\d+$/.test(d) ? Number(d) : blank.sizes[d]));
      known.set(name, { dims, shape, data: flat(sample.values[name]) });
    }
    return new Reader(plain, known).whole();
  });
}

const flat = (nested: Nested): number[] =>
  Array.isArray(nested) ? nested.flatMap(flat) : [nested];

function agree(values: number[][], others: number[][]): boolean {
  return values.every((row, i) => {
    const most = Math.max(1e-3, ...others[i].map(Math.abs));
    return row.every((x, k) => Number.isFinite(x) && Math.abs(x - others[i][k]) <= CLOSE * most);
  });
}

const scalar = (x: number): Value => ({ dims: [], shape: [], data: [x] });

class Reader {
  private words: string[] = [];
  private place = 0;
  private depth = 0;

  private known: Map<string, Value>;

  constructor(text: string, known: Map<string, Value>) {
    this.known = known;
    let at = 0;
    const end = text.trimEnd().length;
    while (at < end) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      if (!match) throw new Unreadable(`The formula cannot be read: ${text.slice(at, at + 20)}.`);
      this.words.push(match[0].trim());
      at = TOKEN.lastIndex;
    }
  }

  whole(): Value {
    const value = this.sum();
    if (this.place < this.words.length) this.refuse();
    return value;
  }

  private refuse(): never {
    const word = this.words[this.place] ?? 'its end';
    throw new Unreadable(`The formula cannot be read at ${word}.`);
  }

  private next(...words: string[]): string | null {
    const word = this.words[this.place];
    if (word === undefined || !words.includes(word)) return null;
    this.place++;
    return word;
  }

  private sum(): Value {
    if (++this.depth > DEEPEST) throw new Unreadable('The formula is nested too deeply.');
    let left = this.product();
    for (let op = this.next('+', '-'); op; op = this.next('+', '-'))
      left = entrywise(BINARY[op], left, this.product());
    this.depth--;
    return left;
  }

  private product(): Value {
    let left = this.signed();
    for (let op = this.next('*', '/', '@'); op; op = this.next('*', '/', '@')) {
      const other = this.signed();
      left = op === '@' ? matmul(left, other) : entrywise(BINARY[op], left, other);
    }
    return left;
  }

  private signed(): Value {
    if (++this.depth > DEEPEST) throw new Unreadable('The formula is nested too deeply.');
    let value: Value;
    if (this.next('-')) value = map((x) => -x, this.signed());
    else if (this.next('+')) value = this.signed();
    else value = this.power();
    this.depth--;
    return value;
  }

  private power(): Value {
    let base = this.atom();
    while (this.next('.T')) base = transposed(base);
    return this.next('**') ? entrywise(BINARY['^'], base, this.signed()) : base;
  }

  private atom(): Value {
    const word = this.words[this.place++];
    if (word === '(') {
      const value = this.sum();
      if (!this.next(')')) this.refuse();
      return value;
    }
    if (word !== undefined && /^[.\d]/.test(word) && word !== '.T') return scalar(Number(word));
    if (word !== undefined && /^[A-Za-z_]/.test(word)) {
      if (this.next('(')) return this.call(word.replace(/^(np|cr)\./, ''));
      const value = this.known.get(word);
      if (value) return value;
      throw new Unreadable(
        `The formula cannot be read: '${word}' is not known here. Known: ${[...this.known.keys()].join(', ')}.`,
      );
    }
    this.place--;
    return this.refuse();
  }

  private call(name: string): Value {
    const value = this.sum();
    const settings: Record<string, string> = {};
    while (this.next(',')) {
      const key = this.words[this.place++] ?? '';
      if (!this.next('=')) this.refuse();
      settings[key] = this.words[this.place++] ?? '';
    }
    if (!this.next(')')) this.refuse();
    if (name === 'sum' || name === 'mean') return reduced(name, value, settings);
    if (name === 'square') return map((x) => x * x, value);
    if (!Object.hasOwn(FUNCTIONS, name) || name === 'ln')
      throw new Unreadable(`The formula cannot be read: there is no function '${name}'.`);
    return map(FUNCTIONS[name], value);
  }
}

const misfit = (what: string) => new Unreadable(`The formula does not fit together: ${what}.`);

const map = (f: (x: number) => number, { dims, shape, data }: Value): Value => ({
  dims,
  shape,
  data: data.map(f),
});

function entrywise(f: (a: number, b: number) => number, a: Value, b: Value): Value {
  const rank = Math.max(a.dims.length, b.dims.length);
  const padded = (v: Value) => ({
    dims: [...Array<string>(rank - v.dims.length).fill('1'), ...v.dims],
    shape: [...Array<number>(rank - v.dims.length).fill(1), ...v.shape],
    data: v.data,
  });
  const [x, y] = [padded(a), padded(b)];
  const dims = x.dims.map((d, i) => {
    if (d === y.dims[i] || y.dims[i] === '1') return d;
    if (d === '1') return y.dims[i];
    throw misfit(`${show(a.dims)} and ${show(b.dims)}`);
  });
  const shape = dims.map((_, i) => Math.max(x.shape[i], y.shape[i]));
  const data = places(shape).map((p) => f(x.data[offset(x, p)], y.data[offset(y, p)]));
  return { dims, shape, data };
}

function places(shape: number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])),
    [[]],
  );
}

const offset = ({ shape }: { shape: number[] }, place: number[]) =>
  shape.reduce((at, n, i) => at * n + (n === 1 ? 0 : place[i]), 0);

function transposed(v: Value): Value {
  if (v.dims.length < 2) return v;
  const turned = { dims: [...v.dims].reverse(), shape: [...v.shape].reverse() };
  const data = places(turned.shape).map((p) => v.data[offset(v, [...p].reverse())]);
  return { ...turned, data };
}

function matmul(a: Value, b: Value): Value {
  if (a.dims.length !== 2 || b.dims.length !== 2 || a.dims[1] !== b.dims[0])
    throw misfit(`${show(a.dims)} @ ${show(b.dims)}`);
  const [rows, inner, columns] = [a.shape[0], a.shape[1], b.shape[1]];
  const data = places([rows, columns]).map(([i, j]) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a.data[i * inner + k] * b.data[k * columns + j];
    return sum;
  });
  return { dims: [a.dims[0], b.dims[1]], shape: [rows, columns], data };
}

function reduced(name: string, v: Value, settings: Record<string, string>): Value {
  const { axis, keepdims, ...rest } = settings;
  const strange = Object.keys(rest)[0];
  if (strange) throw misfit(`there is no setting ${strange}`);
  const axes = axis === undefined ? v.dims.map((_, i) => i) : [axisOf(v, axis)];
  const keep = keepdims === 'True';
  const rank = v.dims.map((_, i) => i).filter((i) => keep || !axes.includes(i));
  const dims = rank.map((i) => (axes.includes(i) ? '1' : v.dims[i]));
  const shape = rank.map((i) => (axes.includes(i) ? 1 : v.shape[i]));
  const data = Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0);
  const count = axes.reduce((n, i) => n * v.shape[i], 1);
  for (const p of places(v.shape)) {
    const to = offset({ shape }, rank.map((i) => p[i])); // prettier-ignore
    data[to] += v.data[offset(v, p)] / (name === 'mean' ? count : 1);
  }
  return { dims, shape, data };
}

function axisOf(v: Value, axis: string): number {
  const named = v.dims.indexOf(axis.replace(/["']/g, ''));
  const found = /^["']/.test(axis) ? named : Number(axis);
  if (!(found >= 0 && found < v.dims.length)) throw misfit(`there is no axis ${axis}`);
  return found;
}
