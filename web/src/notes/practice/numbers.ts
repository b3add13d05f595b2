// Numbers marked with errors carried forward: each from the rule at the student's own values before it (numbers.py).

import { compute, number, postfix, Unreadable } from './answers.js';
import { known, right, wrong } from './question.js';
import type { Blank, Mistake, Question, Verdict } from './question.js';

const PAIRED = 4; // the usual mistakes come first; pairs of rare ones would explain anything

export class Numbers {
  private own: Record<string, number | Unreadable | null> = {};
  private carried: Record<string, number> = {};
  private truth: Record<string, number> = {};
  private values: Record<string, number>;

  private question: Question;

  constructor(question: Question, answers: Record<string, string>) {
    this.question = question;
    this.values = { ...question.values };
    for (const blank of question.blanks)
      if (blank.kind === 'number') this.read(blank, answers[blank.id] ?? '');
  }

  private read(blank: Blank, text: string) {
    this.truth[blank.id] = Number(blank.answer);
    this.carried[blank.id] = blank.rule ? this.at(blank.rule) : this.truth[blank.id];
    let own: number | Unreadable | null = null;
    if (text.trim()) {
      try {
        own = number(text);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        own = error;
      }
    }
    this.own[blank.id] = own;
    this.values[blank.id] = typeof own === 'number' ? own : this.carried[blank.id];
  }

  private at(formula: string): number {
    return compute(postfix(formula), this.values);
  }

  private near(value: number, reference: number): boolean {
    return Math.abs(value - reference) <= this.question.tolerance * Math.abs(reference);
  }

  private isRight(id: string): boolean {
    const own = this.own[id];
    return typeof own === 'number' && this.near(own, this.truth[id]);
  }

  judge(blank: Blank): Verdict {
    const own = this.own[blank.id];
    if (own instanceof Unreadable) throw own;
    if (own === null) throw new Error(`${blank.id} has no answer`);
    if (this.near(own, this.truth[blank.id])) return right(blank);
    const rule = this.carried[blank.id];
    if (this.near(own, rule)) return this.follows(blank);
    const found = this.known(blank);
    if (found) return known(blank, found);
    return this.two(blank, own) ?? this.ratio(blank, own) ?? facts(blank, own, rule);
  }

  private follows(blank: Blank): Verdict {
    const names = postfix(blank.rule).filter(([kind]) => kind === 'name');
    const read = new Set(names.map(([, word]) => word).filter((w) => Object.hasOwn(this.own, w)));
    const bad = [...read].filter((id) => !this.isRight(id));
    const message = `Right method: it follows from your ${bad.join(', ')}. Mend that first.`;
    return {
      blank: blank.id,
      status: 'carried',
      points: blank.points,
      mistake: '',
      message,
      hints: [],
    };
  }

  private known(blank: Blank): Mistake | null {
    let best: Mistake | null = null;
    let most = -Infinity;
    for (const mistake of blank.mistakes) {
      if (!this.matches(blank, mistake, 1)) continue;
      const reach = this.reach(blank, mistake);
      if (reach > most) [best, most] = [mistake, reach];
    }
    return best;
  }

  private matches(blank: Blank, mistake: Mistake, times: number): boolean {
    const own = this.own[blank.id];
    if (typeof own !== 'number') return false;
    const value = this.value(mistake);
    return Number.isFinite(value) && this.near(own, times * value);
  }

  private value(mistake: Mistake): number {
    return mistake.formula ? this.at(mistake.formula) : Number(mistake.fingerprint);
  }

  private reach(blank: Blank, mistake: Mistake): number {
    let reach = 0;
    for (const other of this.question.blanks)
      for (const same of other.step === blank.step ? other.mistakes : [])
        if (same.message === mistake.message) reach += this.matches(other, same, 1) ? 1 : -1;
    return reach;
  }

  private factors(): [name: string, factor: number][] {
    return factorsOf(this.question);
  }

  private two(blank: Blank, own: number): Verdict | null {
    for (const [name, factor] of this.factors()) {
      if (this.near(own, factor * this.carried[blank.id])) return null;
      for (const mistake of blank.mistakes)
        if (this.matches(blank, mistake, factor)) {
          const message = `Two mistakes: ${mistake.message}; and a factor ${name} too many.`;
          return { ...known(blank, mistake), status: 'two', message };
        }
    }
    return this.pair(blank, own);
  }

  /** Two of the usual mistakes at once: of factors their changes multiply, of terms they add. */
  private pair(blank: Blank, own: number): Verdict | null {
    const rule = this.carried[blank.id];
    const usual = blank.mistakes.slice(0, PAIRED);
    for (const [i, first] of usual.entries())
      for (const second of usual.slice(i + 1)) {
        const [a, b] = [this.value(first), this.value(second)];
        const both = rule ? [a + b - rule, (a * b) / rule] : [a + b - rule];
        if (both.some((v) => Number.isFinite(v) && this.near(own, v))) {
          const message = `Two mistakes: ${first.message}; and ${second.message}.`;
          return { ...known(blank, first), status: 'two', message };
        }
      }
    return null;
  }

  private ratio(blank: Blank, own: number): Verdict | null {
    const found = this.factors().find(([, f]) => this.near(own, f * this.carried[blank.id]));
    return found ? wrong(blank, `It is ${found[0]} times what the rule gives.`, 'ratio') : null;
  }
}

/** The factors that are easily lost: sign, 2, the sizes. */
export function factorsOf(question: Question): [name: string, factor: number][] {
  const found: [string, number][] = [
    ['-1', -1],
    ['2', 2],
    ['1/2', 0.5],
  ];
  for (const [name, n] of Object.entries(question.factors))
    if (n > 2) found.push([name, n], [`1/${name}`, 1 / n]);
  return found;
}

function facts(blank: Blank, own: number, rule: number): Verdict {
  if (own * rule < 0) return wrong(blank, 'The sign is wrong, and the size too.');
  const size = Math.abs(own) > Math.abs(rule) ? 'large' : 'small';
  return wrong(blank, `It is too ${size}, and no known mistake explains it.`);
}
