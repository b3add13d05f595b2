// Where each blank of a question stands: in a table, at a box of the graph, in the code, or in the list under the statement.

import type { Blank, Block, Piece, Question } from './question.js';

export interface Spot {
  /** The blanks that stand inside this block of the statement. */
  inside: Blank[];
  block: Block;
}

/** The blank that a cell is the place of: a cell that holds only "{id}". */
export function cellOf(question: Question, cell: readonly Piece[]): Blank | null {
  const only = cell.length === 1 && typeof cell[0] === 'string' ? cell[0] : '';
  const id = /^\{(.+)\}$/.exec(only)?.[1];
  return id === undefined ? null : (question.blanks.find((one) => one.id === id) ?? null);
}

/** The blanks at a box: its value, its gradient. */
export function atBox(question: Question, label: string): Blank[] {
  return [label, `d${label}`].flatMap((id) => {
    const blank = question.blanks.find((one) => one.id === id && one.kind === 'number');
    return blank ? [blank] : [];
  });
}

export function spots(question: Question): Spot[] {
  return question.statement.map((block) => ({ block, inside: inside(question, block) }));
}

function inside(question: Question, block: Block): Blank[] {
  if (block.kind === 'table')
    return block.rows.flat().flatMap((cell) => cellOf(question, cell) ?? []);
  if (block.kind === 'graph') return block.boxes.flatMap(({ label }) => atBox(question, label));
  if (block.kind === 'code') {
    const first = question.statement.find(({ kind }) => kind === 'code');
    return block === first ? question.blanks.filter(({ kind }) => kind === 'line') : [];
  }
  return [];
}

/** The blanks under the statement, those of one step side by side. */
export function listed(question: Question): Blank[][] {
  const placed = new Set(spots(question).flatMap((one) => one.inside));
  const groups: Blank[][] = [];
  for (const blank of question.blanks) {
    if (placed.has(blank)) continue;
    const last = groups.at(-1)?.[0];
    const together = last && blank.kind === 'number' && last.kind === 'number' && blank.step !== '' && last.step === blank.step; // prettier-ignore
    if (together) groups.at(-1)!.push(blank);
    else groups.push([blank]);
  }
  return groups;
}

export const textOf = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');

/** How a blank is called in a sentence. */
export const nameOf = (blank: Blank): string => {
  const text = textOf(blank.prompt)
    .trim()
    .replace(/[.:?]$/, '');
  return text && text.length <= 24 ? text : blank.id;
};

/** Numbers in running text with a real minus sign. */
export const minus = (text: string): string => text.replace(/(^|[\s,(:=;])-(?=[\d.])/g, '$1−');
