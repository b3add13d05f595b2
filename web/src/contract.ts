// What Python hands the browser: one plain JSON document per instrument. Written by
// src/chainrule/course/contract.py, read by every view. Formulas, code, tapes and numbers come from here;
// TypeScript re-types none of them.

import type { Tape } from './runtime/format.js';

export const VERSION = 1;

/** Nested lists of numbers, row-major; a scalar is a number. Lists of arrays are spread out: "W[0]", "W[1]". */
export type Nested = number | Nested[];

export type Kind = 'data' | 'parameter' | 'value' | 'loss';

/** A value of the model, forward: a data array, a parameter, a named value, or the loss. */
export interface Value {
  label: string; // "W1", "Y_hat": the key in tapes, arrays and links
  kind: Kind;
  shape: string[]; // dims by name; [] for a scalar
  mathml: string; // its symbol, with data-node="W1"
  reads: string[]; // labels that its formula reads; [] for inputs
  level: number; // column in a left-to-right drawing: 0 for inputs, 1 + the deepest of `reads`
  op: string; // in a word, how it is made: "matrix product, sum", "sigmoid"; "" for inputs
}

/** A stage in which an opened row tells the chain rule. `mathml` may be "" where words suffice. */
export interface Stage {
  name: 'symbol' | 'rule' | 'cached' | 'simplified' | 'reason';
  mathml: string;
  words: string;
}

/** A row of the derivation: a forward value, or the gradient of the loss with respect to a value. */
export interface Row {
  number: number;
  target: string; // "dW1" for the gradient of W1, else the value's label; its number is the array of that name
  of: string; // "W1"
  backward: boolean;
  mathml: string; // the whole equation, each part with data-node
  text: string; // the same in Unicode, for screen readers and titles
  shapes: string; // "(n_h, n_x) = (n_h, m)(m, n_x)"
  rules: string[]; // "matrix product"
  reuses: string[]; // labels; gradients as "dZ1"
  stages: Stage[];
  code: { numpy: string; jax: string; torch: string; js: string }; // the line of this step
}

/** One way of writing the loss and laying out the arrays: formula, numbers and code change together. */
export interface Variant {
  convention: 'mean' | 'sum' | 'half-mean';
  examples: 'columns' | 'rows';
  rows: Row[];
  /** Computes every forward value and every gradient of `rows` (names "Z1", "dZ1"), not only those needed. */
  tape: Tape;
  /** Forward mode: reads a direction "v_W1" of every parameter; its "gradient" V is how the value V moves along it. */
  forward?: Tape;
  programs: { numpy: string; jax: string; torch: string; js: string; latex: string }; // to copy, whole
}

/** An optimizer: its rule as formula, as code, and as a tape over one flat array (see runtime/descend.ts). */
export interface Method {
  key: string; // "adam"
  title: string; // "Adam"
  slots: string[]; // ["m", "v"]
  settings: { [name: string]: number | string | boolean | null }; // beta1, ...: shown, not editable
  learningRate: number; // a sensible one for this model and data
  /** Reads w, dw, the slots, alpha, t and the norm of the whole gradient: the learning rate is an input, so that a slider can move it. */
  tape: Tape;
  phases: { target: string; mathml: string; numpy: string }[]; // m, v, m_hat, v_hat, w: one step, phase by phase
}

/** The data of an instrument, in the model's own layout. */
export interface DataSet {
  name: string; // "Old Faithful"
  source: string; // one line, with its address
  arrays: { [label: string]: Nested };
  features: string[]; // column names, for axes; [] where there are none
  targets: string[];
  units: { [column: string]: { mean: number; deviation: number } }; // how columns were standardised; {} if not
  classes: string[]; // of a label: [negative, positive]; of one that is one of many: all of them
}

export interface Start {
  seed: number;
  params: { [label: string]: Nested }; // of this seed; other seeds by runtime/init.ts
  /** How a seed makes the start: "zeros", or "normal" with variance 1/fan, one stream per parameter in order. */
  init: { label: string; kind: 'zeros' | 'normal'; fan: number; stream: number }[];
  method: string; // key of a Method
  steps: number; // how many steps the instrument records
  batchSize: number | null;
}

export interface Contract {
  version: typeof VERSION;
  model: string;
  title: string;
  examples: string | null; // the dim that counts examples
  features: string | null; // the data array that a prediction is made from
  target: string | null; // the data array that it is compared with
  prediction: string; // label of the predicted value, "Y_hat"
  kind: 'regression' | 'classification' | 'other';
  values: Value[];
  variants: Variant[]; // the first is the model as written
  methods: Method[]; // the first is gradient descent
  data: DataSet;
  start: Start;
  /** Facts that a command computed for this data and start. Null where there is none. */
  facts: {
    largestCurvature: number | null; // λmax of the Hessian at the start; of every point where `quadratic`
    smallestCurvature: number | null;
    quadratic: boolean;
    optimum: { params: { [label: string]: Nested }; loss: number } | null; // the closed form
  };
}
