// A small picture of an array beside its box: a matrix as shades, a vector as bars. Each cell stands for the entry of
// its part that is largest, and knows which that is.

import { extremes } from '../instrument/format.js';

export interface Cell {
  x: number;
  y: number;
  w: number;
  h: number;
  /** 0 to 1, for a shade; 1 for a bar. */
  weight: number;
  negative: boolean;
  index: number;
}

const [WIDE, HIGH] = [56, 13];

export function cellsOf(shape: readonly number[], data: Float64Array): Cell[] {
  const cols = shape.length ? shape[shape.length - 1] : 1;
  const rows = data.length / Math.max(cols, 1);
  const [low, high] = extremes(data);
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const isMatrix = rows > 1 && cols > 1;
  const [r, c] = isMatrix
    ? [Math.min(rows, 4), Math.min(cols, 16)]
    : [1, Math.min(data.length, 16)];
  const largest = (i: number, j: number) => {
    const part = (k: number, n: number, of: number) => Math.floor((k * of) / n);
    let best = -1;
    const [width, height] = isMatrix ? [cols, rows] : [data.length, 1];
    for (let a = part(i, r, height); a < Math.max(part(i + 1, r, height), part(i, r, height) + 1); a++)
      for (let b = part(j, c, width); b < Math.max(part(j + 1, c, width), part(j, c, width) + 1); b++) {
        const at = a * width + b;
        if (best < 0 || Math.abs(data[at]) > Math.abs(data[best])) best = at;
      }
    return best;
  }; // prettier-ignore
  const [w, h] = [Math.min(WIDE / c, 8), isMatrix ? HIGH / r : HIGH];
  return Array.from({ length: r * c }, (_, k) => {
    const [i, j] = [Math.floor(k / c), k % c];
    const index = largest(i, j);
    const share = Math.abs(data[index]) / most;
    const negative = data[index] < 0;
    const base = { x: j * w, w: w - 0.7, negative, index };
    if (isMatrix) return { ...base, y: i * h, h: h - 0.7, weight: 0.08 + 0.92 * share };
    const tall = Math.max((share * HIGH) / 2, 0.5);
    return { ...base, y: negative ? HIGH / 2 : HIGH / 2 - tall, h: tall, weight: 1 };
  });
}
