// What is written into a question: texts by the ids of its blanks.

import type { Blank, Question, Verdict } from './question.js';

export type Answers = Record<string, string>;

/** Whether a verdict counts as solved. */
export const good = (verdict: Verdict | undefined): boolean =>
  verdict?.status === 'right' || verdict?.status === 'carried';

/** The answers before anything is written: lines to be ordered stand in some order. */
export function blankAnswers(question: Question): Answers {
  const lines = question.blanks.filter(({ kind }) => kind === 'order');
  return Object.fromEntries(
    lines.map(({ id, options }) => [id, options.map((one) => one.id).join(',')]),
  );
}

/** Lines in another order: the one at `from` goes to `to`. */
export function moved(ids: readonly string[], from: number, to: number): string[] {
  const rest = ids.filter((_, i) => i !== from);
  rest.splice(Math.max(0, Math.min(to, rest.length)), 0, ids[from]);
  return rest;
}

/** The marks of a choice among several: an id put in or taken out. */
export function toggled(answer: string, id: string): string {
  const now = answer.split(',').filter(Boolean);
  return (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]).sort().join(',');
}

export const isMany = (blank: Blank): boolean => blank.answer.includes(',');
