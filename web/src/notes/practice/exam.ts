// An exam: some questions, some minutes; marked at the end.

import type { Variant } from './bank.js';
import { mark } from './marking.js';
import type { Marking, Question } from './question.js';
import { blankAnswers } from './writing.js';
import type { Answers } from './writing.js';

export interface Exam {
  keys: string[];
  answers: Record<string, Answers>;
  /** When it began, in milliseconds, and how many minutes it lasts; 0 for no limit. */
  began: number;
  minutes: number;
  /** When it was handed in; 0 while it goes on. */
  ended: number;
  /** Which question is looked at. */
  at?: number;
}

/** Draws questions: a variant twice only when all have been drawn; families in turn; in their order. */
export function draw(variants: readonly Variant[], count: number, random = Math.random): string[] {
  const pick = <T>(from: T[]): T => from.splice(Math.floor(random() * from.length), 1)[0];
  const chosen: { family: number; key: string }[] = [];
  const left = variants.map((one) => ({ ...one, keys: [...one.keys] }));
  let round: typeof left = [];
  while (chosen.length < count) {
    if (!round.length) round = left.filter(({ keys }) => keys.length);
    if (!round.length) break;
    const used = (family: number) => chosen.filter((one) => one.family === family).length;
    const least = Math.min(...round.map(({ family }) => used(family)));
    const next = pick(round.filter(({ family }) => used(family) === least));
    round = round.filter((one) => one !== next);
    chosen.push({ family: next.family, key: pick(next.keys) });
  }
  return chosen.sort((a, b) => a.family - b.family).map(({ key }) => key);
}

export function begin(keys: string[], minutes: number, now: number): Exam {
  return { keys, answers: {}, began: now, minutes, ended: 0 };
}

/** Seconds that are left; Infinity without a limit. */
export function left(exam: Exam, now: number): number {
  if (!exam.minutes) return Infinity;
  return Math.max(0, Math.ceil((exam.began + exam.minutes * 60_000 - now) / 1000));
}

export const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

export interface Report {
  points: number;
  of: number;
  marks: { key: string; title: string; marking: Marking }[];
}

export function report(exam: Exam, get: (key: string) => Question): Report {
  const marks = exam.keys.map((key) => {
    const question = get(key);
    return { key, title: question.title, marking: mark(question, exam.answers[key] ?? {}) };
  });
  const sum = (of: (marking: Marking) => number) =>
    marks.reduce((all, { marking }) => all + of(marking), 0);
  return { points: sum((one) => one.points), of: sum((one) => one.of), marks };
}

/** Whether anything has been written into a question; lines that still stand as they were dealt are not. */
export function isBegun(question: Question, answers: Answers = {}): boolean {
  const dealt = blankAnswers(question);
  return Object.entries(answers).some(([id, text]) => text.trim() && text !== dealt[id]);
}
