// The elementwise ops as loops over flat arrays, one literal loop each: a shared loop calling a
// function per entry cannot be inlined and is several times slower. No op here broadcasts.

import { sigmoid, tanh } from './exponential.js';

type Numbers = Float64Array;
type Loop = (o: Numbers, x: Numbers, y: Numbers, z: Numbers, p: number, q: number) => void;

export interface MapOp {
  arity: number;
  /** The names of p and q. */
  parameters: string[];
  /** Leaves the op of x (and y, z) in o, under the parameters p (and q). */
  run: Loop;
}

const unary = (run: Loop, ...parameters: string[]): MapOp => ({ arity: 1, parameters, run });
const binary = (run: Loop): MapOp => ({ arity: 2, parameters: [], run });

const table: Record<string, MapOp> = {
  exp: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.exp(x[i]);
  }),
  log: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.log(x[i]);
  }),
  sqrt: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.sqrt(x[i]);
  }),
  square: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] * x[i];
  }),
  power: unary(power, 'exponent'),
  reciprocal: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = 1 / x[i];
  }),
  abs: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.abs(x[i]);
  }),
  floor: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.floor(x[i]);
  }),
  sign: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.sign(x[i]) + 0;
  }),
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  relu: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.max(x[i], 0);
  }),
  leaky_relu: unary((o, x, _y, _z, slope) => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] > 0 ? x[i] : slope * x[i];
  }, 'slope'),
  softplus: unary((o, x) => {
    for (let i = 0; i < o.length; i++)
      o[i] = Math.max(x[i], 0) + Math.log1p(Math.exp(-Math.abs(x[i])));
  }),
  sin: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.sin(x[i]);
  }),
  cos: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.cos(x[i]);
  }),
  step: unary((o, x) => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] > 0 ? 1 : 0;
  }),
  clip: unary(
    (o, x, _y, _z, low, high) => {
      for (let i = 0; i < o.length; i++) o[i] = Math.min(Math.max(x[i], low), high);
    },
    'low',
    'high',
  ),
  inside: unary(
    (o, x, _y, _z, low, high) => {
      for (let i = 0; i < o.length; i++) o[i] = low < x[i] && x[i] < high ? 1 : 0;
    },
    'low',
    'high',
  ),
  huber: unary((o, x, _y, _z, delta) => {
    for (let i = 0; i < o.length; i++) {
      const r = Math.abs(x[i]);
      o[i] = r <= delta ? 0.5 * r * r : delta * (r - 0.5 * delta);
    }
  }, 'delta'),
  pow: binary((o, x, y) => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] === 1 ? 1 : x[i] ** y[i];
  }),
  maximum: binary((o, x, y) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.max(x[i], y[i]);
  }),
  minimum: binary((o, x, y) => {
    for (let i = 0; i < o.length; i++) o[i] = Math.min(x[i], y[i]);
  }),
  greater: binary((o, x, y) => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] > y[i] ? 1 : 0;
  }),
  greater_equal: binary((o, x, y) => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] >= y[i] ? 1 : 0;
  }),
  less: binary((o, x, y) => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] < y[i] ? 1 : 0;
  }),
  less_equal: binary((o, x, y) => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] <= y[i] ? 1 : 0;
  }),
  equal: binary((o, x, y) => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] === y[i] ? 1 : 0;
  }),
  where: {
    arity: 3,
    parameters: [],
    run: (o, c, x, y) => {
      for (let i = 0; i < o.length; i++) o[i] = c[i] !== 0 ? x[i] : y[i];
    },
  },
};

/** The usual exponents without the general power. */
function power(o: Numbers, x: Numbers, _y: Numbers, _z: Numbers, exponent: number): void {
  if (exponent === 2) for (let i = 0; i < o.length; i++) o[i] = x[i] * x[i];
  else if (exponent === 0.5) for (let i = 0; i < o.length; i++) o[i] = Math.sqrt(x[i]);
  else if (exponent === -1) for (let i = 0; i < o.length; i++) o[i] = 1 / x[i];
  else for (let i = 0; i < o.length; i++) o[i] = x[i] ** exponent;
}

export const maps: ReadonlyMap<string, MapOp> = new Map(Object.entries(table));
