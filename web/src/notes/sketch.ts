// Lines as if drawn by hand, for the boxes, arrows and marks of the notes: the "d" of a path for each. The same seed
// always gives the same line, so nothing shakes when a drawing is made again. Never used for what is measured: a curve,
// a point or an axis stands exactly where it is.

export type Point = readonly [number, number];
export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}
/** An arrow: its shaft, its head (drawn with a line, not filled), and the middle of the shaft for a label. */
export interface Arrow {
  d: string;
  head: string;
  middle: Point;
}

/** Numbers between -1 and 1 that a text or a number decides. */
function wobbles(seed: string | number): () => number {
  let state = 2166136261;
  for (const letter of String(seed)) state = Math.imul(state ^ letter.charCodeAt(0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
}

const at = ([x, y]: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
const between = (a: Point, b: Point, t: number): Point => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
];
const distance = (a: Point, b: Point): number => Math.hypot(b[0] - a[0], b[1] - a[1]);
/** The unit vector across a line, to its left on the screen. */
function across(a: Point, b: Point): Point {
  const length = distance(a, b) || 1;
  return [(b[1] - a[1]) / length, -(b[0] - a[0]) / length];
}
const moved = ([x, y]: Point, [u, v]: Point, by: number): Point => [x + u * by, y + v * by];

/** How far a hand strays on a line of a length: longer lines stray more, but never far. */
const stray = (length: number, loose: number): number => loose * Math.min(2.2, 0.5 + length / 90);

/** A stroke from a to b with a slight bow, without its "M". */
function stroke(a: Point, b: Point, random: () => number, loose: number): string {
  const across_ = across(a, b);
  const by = stray(distance(a, b), loose);
  const c1 = moved(between(a, b, 0.3 + 0.08 * random()), across_, by * random());
  const c2 = moved(between(a, b, 0.7 + 0.08 * random()), across_, by * random());
  return `C${at(c1)} ${at(c2)} ${at(b)}`;
}

/** A straight line as a hand draws it. */
export function line(a: Point, b: Point, seed: string | number, loose = 1): string {
  const random = wobbles(seed);
  const along: Point = [
    (b[0] - a[0]) / (distance(a, b) || 1),
    (b[1] - a[1]) / (distance(a, b) || 1),
  ];
  const [from, to] = [
    moved(a, along, 0.8 * loose * random()),
    moved(b, along, 0.8 * loose * random()),
  ];
  return `M${at(from)}${stroke(from, to, random, loose)}`;
}

/** A box with rounded corners: one stroke around, whose end runs a little past its beginning. */
export function box({ x, y, w, h }: Rect, seed: string | number, loose = 1, radius = 7): string {
  const random = wobbles(seed);
  const r = Math.min(radius, w / 2, h / 2);
  const near = (px: number, py: number): Point => [
    px + 0.7 * loose * random(),
    py + 0.7 * loose * random(),
  ];
  const corners: [Point, Point, Point][] = [
    [near(x + w - r, y), [x + w, y], near(x + w, y + r)],
    [near(x + w, y + h - r), [x + w, y + h], near(x + w - r, y + h)],
    [near(x + r, y + h), [x, y + h], near(x, y + h - r)],
    [near(x, y + r), [x, y], near(x + r, y)],
  ];
  const start = near(x + r * 1.4, y + 0.4 * loose * random());
  let d = `M${at(start)}`;
  let now: Point = start;
  for (const [before, corner, after] of corners) {
    d += stroke(now, before, random, loose) + `Q${at(corner)} ${at(after)}`;
    now = after;
  }
  const end = near(x + r * 1.4 + Math.min(7, w / 6), y);
  return d + stroke(now, end, random, loose);
}

/** A ring around something, its ends overlapping. */
export function ring(
  cx: number,
  cy: number,
  rx: number,
  ry: number,
  seed: string | number,
  loose = 1,
): string {
  const random = wobbles(seed);
  const turn = -1.9 + 0.3 * random();
  const count = 9;
  const points = Array.from({ length: count + 2 }, (_, i): Point => {
    const angle = turn + (i / count) * 2 * Math.PI;
    const far = 1 + 0.035 * loose * random() + (i > count - 1 ? 0.05 * loose : 0);
    return [cx + rx * far * Math.cos(angle), cy + ry * far * Math.sin(angle)];
  });
  return through(points);
}

/** A smooth line through points (Catmull-Rom), exact: it passes through each of them. */
export function through(points: readonly Point[]): string {
  if (points.length < 2) return '';
  let d = `M${at(points[0])}`;
  for (let i = 0; i + 1 < points.length; i++) {
    const [p0, p1, p2, p3] = [
      points[Math.max(0, i - 1)],
      points[i],
      points[i + 1],
      points[Math.min(points.length - 1, i + 2)],
    ];
    const c1: Point = [p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6];
    const c2: Point = [p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6];
    d += `C${at(c1)} ${at(c2)} ${at(p2)}`;
  }
  return d;
}

/** An arrow from a to b; `bend` pushes its middle to the left (or, negative, to the right), in parts of its length. */
export function arrow(
  a: Point,
  b: Point,
  seed: string | number,
  bend = 0,
  loose = 1,
  size = 8,
): Arrow {
  const random = wobbles(seed);
  const length = distance(a, b);
  const side = across(a, b);
  const by = stray(length, loose);
  const c1 = moved(between(a, b, 0.33), side, bend * length * 1.33 + by * random());
  const c2 = moved(between(a, b, 0.67), side, bend * length * 1.33 + by * random());
  return {
    d: `M${at(a)}C${at(c1)} ${at(c2)} ${at(b)}`,
    head: head(c2, b, random, loose, Math.min(size, 0.45 * length)),
    middle: [(a[0] + 3 * c1[0] + 3 * c2[0] + b[0]) / 8, (a[1] + 3 * c1[1] + 3 * c2[1] + b[1]) / 8],
  };
}

/** The two strokes of an arrow's head that arrives at b from the direction of `from`. */
function head(from: Point, b: Point, random: () => number, loose: number, size: number): string {
  const angle = Math.atan2(b[1] - from[1], b[0] - from[0]);
  const wing = (turn: number): Point => {
    const to = angle + Math.PI + turn + 0.08 * loose * random();
    const far = size * (1 + 0.12 * loose * random());
    return [b[0] + far * Math.cos(to), b[1] + far * Math.sin(to)];
  };
  const [left, right] = [wing(0.44), wing(-0.44)];
  return `M${at(left)}L${at(b)}L${at(right)}`;
}

/** Where a straight line from the middle of a box towards a point leaves the box, `gap` further out. */
export function border({ x, y, w, h }: Rect, [px, py]: Point, gap = 3): Point {
  const [cx, cy] = [x + w / 2, y + h / 2];
  const [dx, dy] = [px - cx, py - cy];
  const length = Math.hypot(dx, dy) || 1;
  const reach = Math.min(
    dx ? w / 2 / Math.abs(dx) : Infinity,
    dy ? h / 2 / Math.abs(dy) : Infinity,
  );
  const scale = Number.isFinite(reach) ? reach + gap / length : 0;
  return [cx + dx * scale, cy + dy * scale];
}

/** An arrow from one box to another, edge to edge. */
export function connect(from: Rect, to: Rect, seed: string | number, bend = 0, loose = 1): Arrow {
  const middle = ({ x, y, w, h }: Rect): Point => [x + w / 2, y + h / 2];
  return arrow(border(from, middle(to), 2), border(to, middle(from), 4), seed, bend, loose);
}

/** A curly brace from a to b, its tip to the left of the way. */
export function brace(a: Point, b: Point, seed: string | number, depth = 10, loose = 1): string {
  const random = wobbles(seed);
  const side = across(a, b);
  const place = (t: number, out: number): Point =>
    moved(between(a, b, t), side, out * depth + 0.4 * loose * random());
  const bend = Math.min(0.12, 12 / (distance(a, b) || 1));
  const [tip, left, right] = [place(0.5, 1), place(0.5 - bend, 0.5), place(0.5 + bend, 0.5)];
  return (
    `M${at(a)}Q${at(place(0, 0.5))} ${at(place(bend, 0.5))}L${at(left)}Q${at(place(0.5, 0.5))} ${at(tip)}` +
    `Q${at(place(0.5, 0.5))} ${at(right)}L${at(place(1 - bend, 0.5))}Q${at(place(1, 0.5))} ${at(b)}`
  );
}

/** A cross, for what does not hold. */
export function cross(
  x: number,
  y: number,
  size: number,
  seed: string | number,
  loose = 1,
): string {
  const strokes: [Point, Point][] = [
    [
      [x - size, y - size],
      [x + size, y + size],
    ],
    [
      [x + size, y - size],
      [x - size, y + size],
    ],
  ];
  return strokes.map(([a, b], i) => line(a, b, `${seed}${i}`, loose)).join('');
}

/** A tick, for what does. */
export function tick(x: number, y: number, size: number, seed: string | number, loose = 1): string {
  const random = wobbles(seed);
  const foot: Point = [x - size * 0.25, y + size * 0.7];
  const [start, end]: [Point, Point] = [
    [x - size * 0.9, y + 0.1 * size * random()],
    [x + size, y - size * 0.9],
  ];
  return `M${at(start)}${stroke(start, foot, random, loose)}${stroke(foot, end, random, loose)}`;
}
