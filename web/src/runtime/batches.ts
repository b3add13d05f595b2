// Which examples each step sees: a new order every epoch, cut into batches; the last may be short.

import { permutation } from './threefry.js';

/** Where the streams of epochs begin; below are those of the starting parameters. */
const EPOCHS = 0x80000000;

/** The order of m examples in an epoch, counted from 0. */
export function epochOrder(seed: number, epoch: number, m: number): Int32Array {
  return permutation(seed, EPOCHS + epoch, m);
}

/** The examples of a step, counted from 0 over all epochs. */
export function batch(seed: number, step: number, m: number, batchSize: number): Int32Array {
  return batches(seed, m, batchSize)(step);
}

/** The same as a function of the step, which sorts once an epoch. */
export function batches(seed: number, m: number, batchSize: number): (step: number) => Int32Array {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new Error(`batch size ${batchSize}: write a whole number from 1 to ${m}, the examples`);
  const steps = Math.ceil(m / batchSize);
  let epoch = -1;
  let order: Int32Array = new Int32Array();
  return (step) => {
    const now = Math.floor(step / steps);
    if (now !== epoch) order = epochOrder(seed, now, m);
    epoch = now;
    const start = (step % steps) * batchSize;
    return order.subarray(start, start + batchSize);
  };
}
