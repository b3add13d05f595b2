// A half-finished attempt as a text that a learning management system keeps: SCORM 1.2 has room for 4096 ASCII characters.

import type { Bank } from './bank.js';
import type { Exam } from './exam.js';
import { blankAnswers } from './writing.js';
import type { Answers } from './writing.js';

export const ROOM = 4096;
const VERSION = 1;

/** The texts of an exam, question by question, blank by blank; '' where nothing is written, or lines lie as dealt. */
function written(exam: Exam, bank: Bank): string[][] {
  return exam.keys.map((key) => {
    const question = bank.get(key);
    const dealt = blankAnswers(question);
    const answers: Answers = exam.answers[key] ?? {};
    return question.blanks.map(({ id }) => (answers[id] === dealt[id] ? '' : (answers[id] ?? '')));
  });
}

/** What tells one set of questions from another. */
export function mark(bank: Bank, keys: readonly string[]): string {
  let sum = 0x811c9dc5;
  for (const character of keys.map((key) => bank.get(key).hash).join())
    sum = Math.imul(sum ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return sum.toString(36);
}

const trimmed = (texts: string[]) => texts.slice(0, texts.findLastIndex((one) => one !== '') + 1);
const ascii = (text: string) =>
  text.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Packs an attempt; `lost` counts the answers, the longest first, that there is no room for. */
export function packed(exam: Exam, bank: Bank, room = ROOM): { text: string; lost: number } {
  const texts = written(exam, bank);
  const head = [VERSION, mark(bank, exam.keys), exam.began, exam.at ?? 0];
  for (let lost = 0; ; lost++) {
    const text = ascii(JSON.stringify([...head, ...texts.map(trimmed)]));
    if (text.length <= room) return { text, lost };
    const longest = texts
      .flatMap((answers, i) => answers.map((one, k) => ({ i, k, length: ascii(one).length })))
      .reduce((a, b) => (b.length > a.length ? b : a));
    texts[longest.i][longest.k] = '';
  }
}

/** The attempt that a text holds; null if it holds none, or one at other questions. */
export function unpacked(text: string, bank: Bank, minutes: number): Exam | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(read)) return null;
  const [version, name, began, at, ...texts] = read as unknown[];
  const isOurs = version === VERSION && name === mark(bank, bank.keys) && Number.isFinite(began);
  if (!isOurs) return null;
  const answers: Record<string, Answers> = {};
  for (const [i, key] of bank.keys.entries()) {
    const given: unknown = texts[i];
    if (!Array.isArray(given)) continue;
    const ids = bank.get(key).blanks.map(({ id }) => id);
    const kept = ids.flatMap((id, k) => (typeof given[k] === 'string' && given[k] ? [[id, given[k]]] : [])); // prettier-ignore
    if (kept.length) answers[key] = Object.fromEntries(kept) as Answers;
  }
  const place = Number.isInteger(at) ? Math.max(0, Math.min(at as number, bank.keys.length - 1)) : 0; // prettier-ignore
  return { keys: bank.keys, answers, began: began as number, minutes, ended: 0, at: place };
}
