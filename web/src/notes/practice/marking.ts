// Marking in the browser, as src/chainrule/practice/questions/marking.py marks: held to it by contract/marking.json.
// Nothing is executed, and no derivative is typed here: rules and mistakes come as text with the question.

import { LONGEST, Unreadable } from './answers.js';
import { judgeChoice, judgeLine, judgeOrder, judgeShape } from './choices.js';
import { judgeExpression } from './formulas.js';
import { Numbers } from './numbers.js';
import type { Blank, Marking, Question, Status, Verdict } from './question.js';

/** The command that checks a question's function, in a file called answer.py. */
export const commandOf = (question: Question): string =>
  `chainrule check ${question.key} answer.py`;

const bare = (blank: Blank, status: Status, message: string): Verdict => ({
  blank: blank.id,
  status,
  points: 0,
  mistake: '',
  message,
  hints: [],
});

/** Marks answers, each a text by its blank's id. A function ("code") is checked by the command line or the notebook. */
export function mark(question: Question, answers: Record<string, string>): Marking {
  const numbers = new Numbers(question, answers);
  const verdicts = question.blanks.map((blank) =>
    verdict(question, numbers, blank, answers[blank.id] ?? ''),
  );
  const points = verdicts.reduce((sum, one) => sum + one.points, 0);
  return { question: question.hash, verdicts, points, of: question.points };
}

function verdict(question: Question, numbers: Numbers, blank: Blank, text: string): Verdict {
  if (!text.trim()) return bare(blank, 'empty', 'Not answered.');
  try {
    return judged(question, numbers, blank, text);
  } catch (error) {
    if (error instanceof Unreadable) return bare(blank, 'unreadable', error.message);
    throw error;
  }
}

function judged(question: Question, numbers: Numbers, blank: Blank, text: string): Verdict {
  if (blank.kind === 'number') return numbers.judge(blank);
  if (blank.kind === 'code')
    return bare(blank, 'elsewhere', `Check it with: ${commandOf(question)}, or in a notebook.`);
  const length = [...text].length;
  if (length > LONGEST)
    throw new Unreadable(`The answer has ${length} characters; at most ${LONGEST} are read.`);
  if (blank.kind === 'choice') return judgeChoice(blank, text);
  if (blank.kind === 'line') return judgeLine(blank, text);
  if (blank.kind === 'order') return judgeOrder(blank, text);
  if (blank.kind === 'shape') return judgeShape(blank, text);
  return judgeExpression(question, blank, text);
}
