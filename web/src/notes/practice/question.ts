// A question as Python writes it (src/chainrule/practice/questions/question.py), and what marking says about it.

export interface Math {
  text: string;
  mathml: string;
  typst: string;
  latex: string;
}

export type Piece = string | Math;

export interface Mistake {
  key: string;
  message: string;
  fingerprint: string;
  hints: string[];
  formula: string;
}

export type Nested = number | Nested[];

export interface Blank {
  id: string;
  kind: 'number' | 'expression' | 'shape' | 'choice' | 'order' | 'line' | 'code';
  prompt: Piece[];
  answer: string;
  step: string;
  rule: string;
  mistakes: Mistake[];
  options: { id: string; pieces: Piece[] }[];
  /** Pairs of lines of which the first comes before the second. */
  before: [string, string][];
  /** The shapes of the arrays that a formula may read. */
  names: Record<string, string[]>;
  sizes: Record<string, number>;
  shape: string[];
  samples: { values: Record<string, Nested>; answer: Nested }[];
  model: string;
  starter: string;
  where: string;
  how: string;
  points: number;
}

export type Block =
  | { kind: 'paragraph'; pieces: Piece[] }
  | { kind: 'given'; name: string; symbol: Math; shape: number[]; rows: string[][] }
  | { kind: 'table'; head: Piece[][]; rows: Piece[][][]; caption: string }
  | { kind: 'code'; lines: string[]; language: string }
  | {
      kind: 'graph';
      boxes: { label: string; symbol: Math; operation: string; reads: string[] }[];
    }
  | { kind: 'curve'; points: [number, number][]; across: string; up: string };

export interface Question {
  version: number;
  hash: string;
  key: string;
  family: number;
  topic: string;
  variant: string;
  seed: number;
  title: string;
  statement: Block[];
  blanks: Blank[];
  solution: { blanks: string[]; pieces: Piece[] }[];
  scheme: string[];
  /** The numbers that are given, by the names that rules use. */
  values: Record<string, number>;
  factors: Record<string, number>;
  digits: number;
  tolerance: number;
  points: number;
}

export const STATUSES = [
  'right',
  'carried',
  'mistake',
  'two',
  'ratio',
  'shape',
  'wrong',
  'unreadable',
  'empty',
  'elsewhere',
] as const;
export type Status = (typeof STATUSES)[number];

export interface Verdict {
  blank: string;
  status: Status;
  points: number;
  mistake: string;
  message: string;
  /** Opened one by one: where, the rule, a counterexample, the fix. */
  hints: string[];
}

export interface Marking {
  question: string;
  verdicts: Verdict[];
  points: number;
  of: number;
}

export const known = (blank: Blank, mistake: Mistake): Verdict => ({
  blank: blank.id,
  status: 'mistake',
  points: 0,
  mistake: mistake.key,
  message: mistake.message,
  hints: mistake.hints,
});

export const right = (blank: Blank): Verdict => ({
  blank: blank.id,
  status: 'right',
  points: blank.points,
  mistake: '',
  message: 'Right.',
  hints: [],
});

export const wrong = (blank: Blank, message: string, status: Status = 'wrong'): Verdict => ({
  blank: blank.id,
  status,
  points: 0,
  mistake: '',
  message,
  hints: [blank.where, blank.how].filter(Boolean),
});
