// The bank of questions on this page, unpacked one by one (src/chainrule/course/notes/packing.py packs).

import type { Blank, Question } from './question.js';

type Entry = string | number[] | { n: number | boolean | null };

export interface Packed {
  pool: Entry[];
  shapes: string[][];
  questions: { key: string; root: number; numbers: string }[];
}

/** A topic of a family, and its questions. */
export interface Variant {
  family: number;
  title: string;
  kind: string;
  keys: string[];
}

const BLANK: Omit<Blank, 'id' | 'kind'> = {
  prompt: [],
  answer: '',
  step: '',
  rule: '',
  mistakes: [],
  options: [],
  before: [],
  names: {},
  sizes: {},
  shape: [],
  samples: [],
  model: '',
  starter: '',
  where: '',
  how: '',
  points: 1,
};
const QUESTION = { statement: [], blanks: [], solution: [], scheme: [], values: {}, factors: {} };

export class Bank {
  readonly keys: string[];
  private made = new Map<string, Question>();
  private packed: Packed;

  constructor(packed: Packed) {
    this.packed = packed;
    this.keys = packed.questions.map(({ key }) => key);
  }

  has(key: string): boolean {
    return this.keys.includes(key);
  }

  get(key: string): Question {
    let found = this.made.get(key);
    if (!found) {
      found = whole(this.raw(key) as Partial<Question>);
      this.made.set(key, found);
    }
    return found;
  }

  private raw(key: string): unknown {
    const { root, numbers } = this.packed.questions.find((one) => one.key === key)!;
    const waiting = numbers ? numbers.split(' ') : [];
    let next = 0;
    const { pool, shapes } = this.packed;
    const made = (index: number): unknown => {
      const entry = pool[index];
      if (typeof entry === 'string') return entry.replace(/\u0001/g, () => waiting[next++]);
      if (!Array.isArray(entry)) return entry.n === null ? Number(waiting[next++]) : entry.n;
      const values = entry.slice(1).map(made);
      if (entry[0] < 0) return values;
      return Object.fromEntries(shapes[entry[0]].map((name, i) => [name, values[i]]));
    };
    return made(root);
  }
}

/** A question with its empty fields again; a mistake's message back in its hints. */
function whole(raw: Partial<Question>): Question {
  const question = { ...QUESTION, ...raw } as Question;
  question.blanks = question.blanks.map((one) => ({
    ...BLANK,
    ...one,
    mistakes: (one.mistakes ?? []).map((mistake) => ({
      ...mistake,
      fingerprint: mistake.fingerprint ?? '',
      formula: mistake.formula ?? '',
      hints: (mistake.hints ?? []).map((hint) => hint.replaceAll('\u0002', () => mistake.message)),
    })),
  }));
  question.statement = question.statement.map((block) =>
    block.kind === 'graph'
      ? {
          ...block,
          boxes: block.boxes.map((box) => ({ ...box, operation: box.operation ?? '', reads: box.reads ?? [] })), // prettier-ignore
        }
      : block.kind === 'given'
        ? { ...block, shape: block.shape ?? [] }
        : block.kind === 'table'
          ? { ...block, head: (block.head ?? []).map((x) => x ?? []), caption: block.caption ?? '' }
          : block,
  );
  return question;
}

/** The next question of the same variant, the first after the last. */
export function nextOf(variant: Variant, key: string): string {
  const at = variant.keys.indexOf(key);
  return variant.keys[(at + 1) % variant.keys.length];
}
