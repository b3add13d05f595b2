// Where the values of a model lie in the drawing of its graph: rows by depth, inputs just above whoever
// reads them first, the computed values in a spine.

import type { Value } from '../contract.js';

export interface Box {
  label: string;
  x: number;
  y: number;
  row: number;
}
export interface Edge {
  from: string;
  to: string;
  d: string;
  back: string;
}
export interface Drawing {
  boxes: Box[];
  edges: Edge[];
  width: number;
  height: number;
  rows: number;
}

export const SIZE = { pitch: 128, row: 88, w: 48, h: 34, top: 24 };

export function drawing(values: readonly Value[]): Drawing {
  const readers = (label: string) => values.filter(({ reads }) => reads.includes(label));
  const rowOf = new Map<string, number>();
  for (const value of values) {
    const first = Math.min(...readers(value.label).map(({ level }) => level));
    const isInput = value.reads.length === 0;
    rowOf.set(value.label, isInput ? (Number.isFinite(first) ? first - 1 : 0) : value.level);
  }
  const rows: Value[][] = [];
  for (const value of values) (rows[rowOf.get(value.label)!] ??= []).push(value);
  const place = new Map<string, number>();
  rows.forEach((row = []) => {
    const computed = row.filter(({ reads }) => reads.length > 0);
    const inputs = row.filter(({ reads }) => reads.length === 0);
    // In the order in which their reader names them: W1 X + b1.
    const rank = ({ label }: Value) => readers(label)[0]?.reads.indexOf(label) ?? 0;
    inputs.sort((a, b) => rank(a) - rank(b));
    const before = computed.length
      ? inputs.filter((v) => v.kind === 'parameter' && rank(v) === 0)
      : inputs.slice(0, Math.floor(inputs.length / 2));
    const after = inputs.filter((v) => !before.includes(v));
    if (!computed.length) {
      const all = [...before, ...after];
      all.forEach((v, i) => place.set(v.label, i - (all.length - 1) / 2));
      return;
    }
    const half = (computed.length - 1) / 2;
    computed.forEach((v, i) => place.set(v.label, i - half));
    before.toReversed().forEach((v, i) => place.set(v.label, -half - 1 - i));
    after.forEach((v, i) => place.set(v.label, half + 1 + i));
  });
  const all = [...place.values()];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const boxes = values.map(({ label }) => ({
    label,
    x: (place.get(label)! - low) * SIZE.pitch + 44,
    y: rowOf.get(label)! * SIZE.row + SIZE.top,
    row: rowOf.get(label)!,
  }));
  const at = new Map(boxes.map((box) => [box.label, box]));
  const edges = values.flatMap(({ label, reads }) =>
    reads
      .filter((read) => at.has(read))
      .map((read) => ({ from: read, to: label, ...route(at.get(read)!, at.get(label)!) })),
  );
  return {
    boxes,
    edges,
    width: (high - low) * SIZE.pitch + 150,
    height: (rows.length - 1) * SIZE.row + SIZE.top + SIZE.h,
    rows: rows.length,
  };
}

/** An edge from the foot of a box to the head of another, and the way back beside it. */
function route(from: Box, to: Box): { d: string; back: string } {
  const [x1, y1] = [from.x, from.y + SIZE.h / 2 + 2];
  const slant = Math.sign(from.x - to.x) * Math.min(16, Math.abs(from.x - to.x) / 6);
  const [x2, y2] = [to.x + slant, to.y - SIZE.h / 2 - 5];
  const skips = to.row - from.row > 1;
  const bulge = skips ? 58 : 0;
  const path = (dx: number, a: [number, number], b: [number, number]) =>
    `M${a[0] + dx} ${a[1]}C${a[0] + dx + bulge} ${a[1] + (b[1] - a[1]) * 0.5} ${b[0] + dx + bulge} ${b[1] - (b[1] - a[1]) * 0.5} ${b[0] + dx} ${b[1]}`;
  return { d: path(-2.5, [x1, y1], [x2, y2]), back: path(4, [x2, y2 + 3], [x1, y1 + 3]) };
}
