// What a model predicts: along a line of inputs, over a plane of two inputs, or for its own examples.

import { linked } from './problem.js';
import type { Problem } from './problem.js';
import type { NDArray } from './data.js';

/** A function that predicts from columns of features: one number for each example. */
export type Predictor = (params: Float64Array, features: readonly Float64Array[]) => Float64Array;

/** The predictor of a problem; undefined where a prediction needs more than the features. */
export function predictor(problem: Problem, examples: number): Predictor | undefined {
  const { contract, tape, data } = problem;
  const { features, prediction, examples: dim } = contract;
  if (features === null || dim === null) return undefined;
  if (!Object.hasOwn(tape.names, prediction)) return undefined;
  const input = tape.inputs.find(({ name }) => name === features)!;
  const axis = input.shape.indexOf(dim);
  const blank: NDArray = {
    shape: data[features].shape.with(axis, examples),
    data: new Float64Array((data[features].data.length / (problem.m || 1)) * examples),
  };
  const wanted = { loss: false, names: [prediction] };
  const size = { ...problem.sizes, [dim]: examples };
  let one: ReturnType<typeof linked>;
  try {
    one = linked({ ...problem, data: { ...data, [features]: blank }, sizes: size }, wanted);
  } catch {
    return undefined; // it reads other data of another number of examples
  }
  return (params, columns) => {
    one.params.set(params);
    const k = columns.length;
    columns.forEach((column, f) => {
      for (let i = 0; i < examples; i++)
        blank.data[axis === 0 ? i * k + f : f * examples + i] = column[i];
    });
    one.program.run();
    return one.program.value(prediction);
  };
}
