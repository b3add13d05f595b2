// Answers that are picked: options, lines, an order, a shape (choices.py).

import { normal, Unreadable } from './answers.js';
import { known, right, wrong } from './question.js';
import type { Blank, Verdict } from './question.js';

const listed = (text: string) => normal(text).split(/[\s,;]+/).filter(Boolean); // prettier-ignore
const sorted = (words: Iterable<string>) => [...words].sort().join('\n');

export function judgeChoice(blank: Blank, text: string): Verdict {
  const chosen = listed(text);
  const ids = blank.options.map(({ id }) => id);
  const strange = chosen.find((id) => !ids.includes(id));
  if (strange !== undefined)
    throw new Unreadable(`${strange} is not one of the choices. Choose from: ${ids.join(', ')}.`);
  if (sorted(new Set(chosen)) === sorted(blank.answer.split(','))) return right(blank);
  const mistake = blank.mistakes.find(({ fingerprint }) => chosen.includes(fingerprint));
  return mistake ? known(blank, mistake) : wrong(blank, 'Not this one.');
}

export function judgeLine(blank: Blank, text: string): Verdict {
  const plain = normal(text).toLowerCase().replace(/^line/, '').trim();
  if (!/^[0-9]{1,4}$/.test(plain)) throw new Unreadable('Write the number of a line, such as 3.');
  const chosen = String(Number(plain));
  if (chosen === blank.answer) return right(blank);
  const mistake = blank.mistakes.find(({ fingerprint }) => fingerprint === chosen);
  return mistake ? known(blank, mistake) : wrong(blank, 'That line is right.');
}

export function judgeOrder(blank: Blank, text: string): Verdict {
  const order = listed(text);
  const ids = blank.options.map(({ id }) => id);
  if (sorted(order) !== sorted(ids))
    throw new Unreadable(`Put each of these in its place once: ${ids.join(', ')}.`);
  for (const [before, after] of blank.before)
    if (order.indexOf(before) > order.indexOf(after))
      return wrong(
        blank,
        `Line ${after} reads what line ${before} computes, and stands before it.`,
      );
  return right(blank);
}

function dims(text: string): string[] {
  let plain = normal(text).replaceAll('*', ',').trim();
  if (plain.endsWith('.')) plain = plain.slice(0, -1);
  const ends = plain.slice(0, 1) + plain.slice(-1);
  const inner = ends === '()' || ends === '[]' ? plain.slice(1, -1) : plain;
  if (/^\s*(scalar)?\s*$/.test(inner)) return [];
  const words = inner
    .trim()
    .split(/\s*(?:,|(?<=[0-9 ])[xX](?=[0-9 ])|\s)\s*/)
    .filter(Boolean);
  if (words.length > 6 || words.some((w) => !/^[A-Za-z0-9_]{1,12}$/.test(w)))
    throw new Unreadable('Write a shape as (n_h, m), or () for a scalar.');
  return words;
}

export function judgeShape(blank: Blank, text: string): Verdict {
  const size = (dim: string) => String(Object.hasOwn(blank.sizes, dim) ? blank.sizes[dim] : dim);
  const sizes = (shape: string) => dims(shape).map(size).join(',');
  const found = dims(text);
  const wanted = dims(blank.answer);
  if (sizes(text) === sizes(blank.answer)) return right(blank);
  const mistake = blank.mistakes.find(({ fingerprint }) => sizes(fingerprint) === sizes(text));
  if (mistake) return known(blank, mistake);
  if (found.length !== wanted.length)
    return wrong(blank, `It has ${wanted.length} axes, and yours has ${found.length}.`, 'shape');
  return wrong(blank, 'The axes are not these.', 'shape');
}
