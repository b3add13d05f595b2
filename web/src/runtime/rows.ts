// The innermost loops of contractions. An array is followed by where it starts and by how far apart
// its rows (or entries) are. They are functions of plain arguments, which the engine keeps in
// registers, unlike captures; they do several rows at a time because a number loaded or stored costs
// as much as the sum it is in; a first turn and later ones have loops of their own because a test
// inside costs a third more; and no line takes lists apart, which is slow here.

type Numbers = Float64Array;

// Rows of o from rows of b, entries one after another: o = s (on the first turn) + c * a * b.

/** One row of o from one of b. */
// prettier-ignore
export function row(first: boolean, c: number, s: Numbers, t: number, a: Numbers, p: number,
  b: Numbers, q: number, o: Numbers, r: number, n: number): void {
  const f = c * a[p];
  const g = s[t];
  if (first) for (let k = 0; k < n; k++) o[r + k] = g + f * b[q + k];
  else for (let k = 0; k < n; k++) o[r + k] += f * b[q + k];
}

/** One row of o from four of b. */
// prettier-ignore
export function rowOfFour(first: boolean, c: number, s: Numbers, t: number,
  a: Numbers, p: number, da: number, b: Numbers, q: number, db: number,
  o: Numbers, r: number, n: number): void {
  const q1 = q + db;
  const q2 = q + 2 * db;
  const q3 = q + 3 * db;
  const f = c * a[p];
  const f1 = c * a[p + da];
  const f2 = c * a[p + 2 * da];
  const f3 = c * a[p + 3 * da];
  const g = s[t];
  if (first)
    for (let k = 0; k < n; k++)
      o[r + k] = g + (f * b[q + k] + f1 * b[q1 + k] + (f2 * b[q2 + k] + f3 * b[q3 + k]));
  else
    for (let k = 0; k < n; k++)
      o[r + k] += f * b[q + k] + f1 * b[q1 + k] + (f2 * b[q2 + k] + f3 * b[q3 + k]);
}

/** Four rows of o from one of b. */
// prettier-ignore
export function fourRows(first: boolean, c: number, s: Numbers, t: number, ds: number,
  a: Numbers, p: number, da: number, b: Numbers, q: number,
  o: Numbers, r: number, dr: number, n: number): void {
  const r1 = r + dr;
  const r2 = r + 2 * dr;
  const r3 = r + 3 * dr;
  const f = c * a[p];
  const f1 = c * a[p + da];
  const f2 = c * a[p + 2 * da];
  const f3 = c * a[p + 3 * da];
  const g = s[t];
  const g1 = s[t + ds];
  const g2 = s[t + 2 * ds];
  const g3 = s[t + 3 * ds];
  if (first)
    for (let k = 0; k < n; k++) {
      const x = b[q + k];
      o[r + k] = g + f * x;
      o[r1 + k] = g1 + f1 * x;
      o[r2 + k] = g2 + f2 * x;
      o[r3 + k] = g3 + f3 * x;
    }
  else
    for (let k = 0; k < n; k++) {
      const x = b[q + k];
      o[r + k] += f * x;
      o[r1 + k] += f1 * x;
      o[r2 + k] += f2 * x;
      o[r3 + k] += f3 * x;
    }
}

/** Four rows of o from two of b; e is to the second of b what f is to the first. */
// prettier-ignore
export function fourRowsOfTwo(first: boolean, c: number, s: Numbers, t: number, ds: number,
  a: Numbers, p: number, da: number, da2: number, b: Numbers, q: number, db: number,
  o: Numbers, r: number, dr: number, n: number): void {
  const q1 = q + db;
  const r1 = r + dr;
  const r2 = r + 2 * dr;
  const r3 = r + 3 * dr;
  const f = c * a[p];
  const f1 = c * a[p + da];
  const f2 = c * a[p + 2 * da];
  const f3 = c * a[p + 3 * da];
  p += da2;
  const e = c * a[p];
  const e1 = c * a[p + da];
  const e2 = c * a[p + 2 * da];
  const e3 = c * a[p + 3 * da];
  const g = s[t];
  const g1 = s[t + ds];
  const g2 = s[t + 2 * ds];
  const g3 = s[t + 3 * ds];
  if (first)
    for (let k = 0; k < n; k++) {
      const x = b[q + k];
      const y = b[q1 + k];
      o[r + k] = g + (f * x + e * y);
      o[r1 + k] = g1 + (f1 * x + e1 * y);
      o[r2 + k] = g2 + (f2 * x + e2 * y);
      o[r3 + k] = g3 + (f3 * x + e3 * y);
    }
  else
    for (let k = 0; k < n; k++) {
      const x = b[q + k];
      const y = b[q1 + k];
      o[r + k] += f * x + e * y;
      o[r1 + k] += f1 * x + e1 * y;
      o[r2 + k] += f2 * x + e2 * y;
      o[r3 + k] += f3 * x + e3 * y;
    }
}

/** One row of o, at any strides: o = s + c * a * b. */
// prettier-ignore
export function products(c: number, s: Numbers, t: number, ds: number,
  a: Numbers, p: number, da: number, b: Numbers, q: number, db: number,
  o: Numbers, r: number, dr: number, n: number): void {
  for (let k = 0; k < n; k++) o[r + k * dr] = s[t + k * ds] + c * a[p + k * da] * b[q + k * db];
}

// Sums. Several run side by side: one alone waits for each addition to finish.

/** The sum of a row. */
export function total(a: Numbers, p: number, n: number): number {
  let t = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  const end = p + n;
  for (; p + 3 < end; p += 4) {
    t += a[p];
    t1 += a[p + 1];
    t2 += a[p + 2];
    t3 += a[p + 3];
  }
  for (; p < end; p++) t += a[p];
  return t + t1 + (t2 + t3);
}

/** The sum of products of two rows, at any strides. */
// prettier-ignore
export function dot(a: Numbers, p: number, da: number,
  b: Numbers, q: number, db: number, n: number): number {
  let t = 0;
  let t1 = 0;
  let k = 0;
  for (; k + 1 < n; k += 2) {
    t += a[p + k * da] * b[q + k * db];
    t1 += a[p + k * da + da] * b[q + k * db + db];
  }
  if (k < n) t += a[p + k * da] * b[q + k * db];
  return t + t1;
}

/** A row of a times each of four rows of b, entries one after another: o += c * sum. */
// prettier-ignore
export function fourDots(c: number, a: Numbers, p: number, b: Numbers, q: number, db: number,
  o: Numbers, r: number, dr: number, n: number): void {
  const q1 = q + db;
  const q2 = q + 2 * db;
  const q3 = q + 3 * db;
  let t = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  for (let k = 0; k < n; k++) {
    const x = a[p + k];
    t += x * b[q + k];
    t1 += x * b[q1 + k];
    t2 += x * b[q2 + k];
    t3 += x * b[q3 + k];
  }
  o[r] += c * t;
  o[r + dr] += c * t1;
  o[r + 2 * dr] += c * t2;
  o[r + 3 * dr] += c * t3;
}
