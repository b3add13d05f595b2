import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mark } from '../src/notes/practice/marking';
import { STATUSES } from '../src/notes/practice/question';
import type { Question } from '../src/notes/practice/question';

const read = (name: string) =>
  JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../contract/${name}`, import.meta.url)), 'utf8'),
  );
const bank: Question[] = read('bank.json');
const cases: {
  question: number;
  answers: Record<string, string>;
  points: number;
  verdicts: Record<string, string[]>;
}[] = read('marking.json');
const LONG = '1'.repeat(100_000);

describe('marking in the browser', () => {
  it.each(bank.map((question, i) => [question.key, question, i] as const))(
    'says what Python says: %s',
    (_, question, i) => {
      const own = cases.filter((one) => one.question === i);
      expect(own.length).toBeGreaterThan(1);
      for (const { answers, points, verdicts } of own) {
        const given = Object.fromEntries(
          Object.entries(answers).map(([id, text]) => [id, text === 'LONG' ? LONG : text]),
        );
        const marking = mark(question, given);
        const told = marking.verdicts.filter(
          ({ status, blank }) => status !== 'right' && status !== 'empty' && blank in answers,
        );
        const found = Object.fromEntries(
          told.map(({ blank, status, mistake, message }) => [
            blank,
            [status, mistake, message].slice(0, verdicts[blank]?.length ?? 3),
          ]),
        );
        expect(found, JSON.stringify(answers).slice(0, 300)).toEqual(verdicts);
        expect(marking.points).toBe(points);
      }
    },
  );

  it('sends a function to the command that checks it', () => {
    const coded = bank.filter(({ blanks }) => blanks.some(({ kind }) => kind === 'code'));
    expect(coded.length).toBeGreaterThan(10);
    for (const question of coded) {
      const [{ id }] = question.blanks;
      const [verdict] = mark(question, { [id]: 'def step(w, dw):\n    return w' }).verdicts;
      expect([verdict.status, verdict.points, verdict.hints]).toEqual(['elsewhere', 0, []]);
      expect(verdict.message).toBe(
        `Check it with: chainrule check ${question.key} answer.py, or in a notebook.`,
      );
    }
  });

  it('gives every status at least once', () => {
    const given = new Set<string>();
    for (const { question, answers } of cases)
      for (const { status } of mark(bank[question], answers).verdicts) given.add(status);
    for (const question of bank)
      for (const { status } of mark(question, { step: 'x', backward: 'x' }).verdicts)
        given.add(status);
    expect([...given].sort()).toEqual([...STATUSES].sort());
  });

  it('is quick', () => {
    const start = performance.now();
    for (const { question, answers } of cases.slice(0, 100)) mark(bank[question], answers);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
