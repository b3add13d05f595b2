// The language of answers, read as src/chainrule/practice/questions/answers.py reads it: numbers, fractions, expressions.

export class Unreadable extends Error {}

export const LONGEST = 1000;
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹⁻';
const SAME: Record<string, string> = {};
for (const c of '−–—‐‑‒﹣－') SAME[c] = '-';
for (const c of '×·⋅∙∗✕') SAME[c] = '*';
for (const c of '÷∕⁄') SAME[c] = '/';
SAME['٫'] = '.';
const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z][A-Za-z0-9_]*)|(\*\*|[-+*/^()]))/y;
const LEVEL: Record<string, number> = { '+': 1, '-': 1, '*': 2, '/': 2, neg: 3, '^': 4 };
const CONSTANTS: Record<string, number> = { pi: Math.PI, e: Math.E };

const sigmoid = (z: number) => {
  const e = Math.exp(-Math.abs(z));
  return (z >= 0 ? 1 : e) / (1 + e);
};

export const FUNCTIONS: Record<string, (z: number) => number> = {
  exp: Math.exp,
  log: Math.log,
  ln: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  sigmoid,
  relu: (z) => Math.max(z, 0),
  step: (z) => (z > 0 ? 1 : 0),
  softplus: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  abs: Math.abs,
  sin: Math.sin,
  cos: Math.cos,
  sign: (z) => Math.sign(z),
};

export const BINARY: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => Math.pow(a, b),
};

type Item = [kind: 'number' | 'name' | 'call' | 'do', word: string];

/** An answer in plain characters: look-alikes of minus, times and digits replaced, superscripts as powers. */
export function normal(text: string, longest = LONGEST): string {
  const length = [...text].length;
  if (length > longest)
    throw new Unreadable(`The answer has ${length} characters; at most ${longest} are read.`);
  const raised = text.replace(
    new RegExp(`[${RAISED}]+`, 'g'),
    (found) => `^(${[...found].map((c) => '0123456789-'[RAISED.indexOf(c)]).join('')})`,
  );
  const folded = raised.replaceAll('ᵀ', '.T').normalize('NFKC');
  const plain = [...folded]
    .map((c) => SAME[c] ?? c)
    .join('')
    .trim();
  for (const c of plain) {
    const code = c.codePointAt(0)!;
    if ((code >= 32 && code < 127) || c === '\t' || c === '\n' || c === '\r') continue;
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    throw new Unreadable(
      `The character ${c} (U+${hex}) cannot be read here. Write plain digits, letters and + - * / ^ ( ).`,
    );
  }
  return plain;
}

/** The number that an answer stands for: -0.25, 0,25, 1/3, 2e-3, exp(-1). */
export function number(text: string): number {
  let plain = normal(text);
  if (plain.includes(',')) {
    if (plain.includes('.'))
      throw new Unreadable('A comma and a point in one number: write 1234.5, with a point only.');
    plain = plain.replace(/(\d),(\d)/g, '$1.$2');
    if (plain.includes(','))
      throw new Unreadable('The comma cannot be read here. Write one number.');
  }
  const value = compute(postfix(plain), {});
  if (!Number.isFinite(value)) throw new Unreadable('The answer is not a finite number.');
  return value;
}

const read = new Map<string, Item[]>();

/** A formula in postfix order. */
export function postfix(text: string): Item[] {
  let found = read.get(text);
  if (!found) {
    found = parsed(text);
    if (read.size < 4096) read.set(text, found);
  }
  return found;
}

const put = (word: string, output: Item[]) =>
  output.push(word.startsWith('call ') ? ['call', word.slice(5)] : ['do', word]);

function parsed(text: string): Item[] {
  const output: Item[] = [];
  const waiting: string[] = [];
  let operand = true;
  for (const [kind, word] of tokens(text)) {
    if (kind === 'operator' && word !== '(' && word !== ')') {
      operand = operator(word, operand, output, waiting);
    } else if (word === ')') {
      close(operand, output, waiting);
      operand = false;
    } else if (!operand) {
      throw new Unreadable(`Write an operator, such as *, before ${word}.`);
    } else if (word === '(') waiting.push('(');
    else if (kind === 'function') waiting.push(`call ${word}`);
    else {
      output.push([kind as 'number' | 'name', word]);
      operand = false;
    }
  }
  if (operand)
    throw new Unreadable(
      text.trim()
        ? 'The answer breaks off: a value is missing at its end.'
        : 'The answer is empty.',
    );
  while (waiting.length) {
    const word = waiting.pop()!;
    if (word === '(') throw new Unreadable('A bracket is not closed: write ).');
    put(word, output);
  }
  return output;
}

function tokens(text: string): [kind: string, word: string][] {
  const found: [string, string][] = [];
  const end = text.trimEnd().length;
  let place = 0;
  while (place < end) {
    TOKEN.lastIndex = place;
    const match = TOKEN.exec(text);
    if (!match)
      throw new Unreadable(
        `'${text.slice(place).trim()[0]}' cannot be read here. Write numbers, names and + - * / ^ ( ).`,
      );
    place = TOKEN.lastIndex;
    const [, digits, word, sign] = match;
    if (digits) found.push(['number', digits]);
    else if (word) {
      const called = text.slice(place).trimStart().startsWith('(');
      if (called && !Object.hasOwn(FUNCTIONS, word))
        throw new Unreadable(
          `There is no function ${word}. The functions are: ${Object.keys(FUNCTIONS).join(', ')}.`,
        );
      found.push([called ? 'function' : 'name', word]);
    } else found.push(['operator', sign === '**' ? '^' : sign]);
  }
  return found;
}

function operator(word: string, operand: boolean, output: Item[], waiting: string[]): boolean {
  if (operand) {
    if (word !== '+' && word !== '-') throw new Unreadable(`A value is missing before ${word}.`);
    if (word === '-') waiting.push('neg');
    return true;
  }
  const level = LEVEL[word];
  while (waiting.length && waiting.at(-1) !== '(') {
    const above = LEVEL[waiting.at(-1)!] ?? 9;
    if (above < level || (above === level && word === '^')) break;
    put(waiting.pop()!, output);
  }
  waiting.push(word);
  return true;
}

function close(operand: boolean, output: Item[], waiting: string[]) {
  if (operand) throw new Unreadable('A value is missing before ).');
  while (waiting.length && waiting.at(-1) !== '(') put(waiting.pop()!, output);
  if (!waiting.length) throw new Unreadable('There is a ) without its (.');
  waiting.pop();
  if (waiting.at(-1)?.startsWith('call ')) put(waiting.pop()!, output);
}

/** The value of a formula; not a number where it is not defined. */
export function compute(formula: Item[], values: Record<string, number>): number {
  const stack: number[] = [];
  for (const [kind, word] of formula) {
    if (kind === 'number') stack.push(Number(word));
    else if (kind === 'name') stack.push(named(word, values));
    else if (kind === 'call') stack.push(finite(FUNCTIONS[word](stack.pop()!)));
    else if (word === 'neg') stack.push(-stack.pop()!);
    else {
      const right = stack.pop()!;
      const left = stack.pop()!;
      stack.push(finite(BINARY[word](left, right)));
    }
  }
  return stack[0];
}

const finite = (value: number) => (Number.isFinite(value) ? value : NaN);

function named(word: string, values: Record<string, number>): number {
  if (Object.hasOwn(values, word)) return values[word];
  if (Object.hasOwn(CONSTANTS, word)) return CONSTANTS[word];
  const names = Object.keys(values);
  const all = names.length ? ` Known: ${names.join(', ')}.` : '';
  throw new Unreadable(`${word} is not known here.${all}`);
}
