// What somebody has written into a question, what has been said about it, and which hints are open.

import { mark } from './marking.js';
import type { Marking, Question, Verdict } from './question.js';
import { blankAnswers } from './writing.js';
import type { Answers } from './writing.js';

export class Sitting {
  question: Question;
  answers: Answers = $state({});
  shown: Record<string, Verdict> = $state.raw({});
  opened: Record<string, number> = $state({});
  revealed = $state(false);
  said = $state('');

  constructor(question: Question, answers: Answers = {}) {
    this.question = question;
    this.answers = { ...blankAnswers(question), ...answers };
  }

  set(id: string, text: string): void {
    this.answers[id] = text;
    if (!(id in this.shown)) return;
    const { [id]: _, ...rest } = this.shown;
    this.shown = rest;
    this.opened[id] = 0;
  }

  marking(): Marking {
    return mark(this.question, $state.snapshot(this.answers));
  }

  /** Judges some blanks, and again those that have been judged before: they may follow from what has changed. */
  check(ids: readonly string[]): Marking {
    const marking = this.marking();
    const shown: Record<string, Verdict> = {};
    for (const verdict of marking.verdicts)
      if (ids.includes(verdict.blank) || verdict.blank in this.shown)
        shown[verdict.blank] = verdict;
    this.shown = shown;
    return marking;
  }

  checkAll(): Marking {
    return this.check(this.question.blanks.filter(({ kind }) => kind !== 'code').map((b) => b.id));
  }

  open(id: string): void {
    this.opened[id] = (this.opened[id] ?? 0) + 1;
  }

  clear(): void {
    this.answers = blankAnswers(this.question);
    this.shown = {};
    this.opened = {};
    this.revealed = false;
    this.said = '';
  }
}
