// Answers to questions: numbers as people write them, and whether they are near enough.

/** A number as people write it: 1,5 and 1 000 and −2 too; null for what is none. */
export function read(text: string): number | null {
  const plain = text.trim().replace(/[−–]/g, '-').replace(/\s/g, '');
  const point = /^[^,.]*,[^,.]*$/.test(plain) && !/^-?\d{1,3},\d{3}$/.test(plain) ? plain.replace(',', '.') : plain.replace(/,/g, ''); // prettier-ignore
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(point) ? Number(point) : null;
}

/** Whether an answer is near enough: by a share of the right one, or as exact as it was written. */
export function isRight(given: number, answer: number, tolerance: number): boolean {
  return Math.abs(given - answer) <= tolerance * Math.abs(answer) + 1e-9 * Math.max(1, Math.abs(answer)); // prettier-ignore
}
