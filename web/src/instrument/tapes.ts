// Tapes made from tapes: only what is asked for, or with a nudge added to a value on the way.

import type { Op, Tape } from '../runtime/format.js';

export interface Wanted {
  names?: string[];
  gradients?: string[];
  /** Whether the loss is wanted; yes, if not said. */
  loss?: boolean;
}

/** The part of a tape that computes what is wanted. Inputs that it does not read are left out. */
export function prune(tape: Tape, { names = [], gradients = [], loss = true }: Wanted): Tape {
  const pick = (table: Record<string, number>, keys: string[]) =>
    Object.fromEntries(keys.filter((key) => Object.hasOwn(table, key)).map((k) => [k, table[k]]));
  const kept = { names: pick(tape.names, names), gradients: pick(tape.gradients, gradients) };
  const needed = new Set([...Object.values(kept.names), ...Object.values(kept.gradients)]);
  if (loss) needed.add(tape.loss);
  for (const op of tape.ops.toReversed())
    if (needed.has(op.slot)) op.args.forEach((slot) => needed.add(slot));
  const inputs = tape.inputs.filter(({ slot }) => needed.has(slot));
  const ops = tape.ops.filter(({ slot }) => needed.has(slot));
  // A tape has a loss; where none is wanted, any slot stands for it.
  const stand = [...needed][0] ?? tape.loss;
  return { ...tape, ...kept, inputs, ops, loss: loss ? tape.loss : stand };
}

/** The name of the nudge that `nudged` adds. */
export const NUDGE = '(nudge)';

/** The slot that holds a value, forward, or an input. */
export function slotOf(tape: Tape, label: string): number | undefined {
  const input = tape.inputs.find(({ name }) => name === label);
  return input ? input.slot : Object.hasOwn(tape.names, label) ? tape.names[label] : undefined;
}

/**
 * The loss of a tape when a value on the way is nudged: everything after it reads value + nudge, the
 * nudge being an input of the value's shape. Undefined where the loss does not read the value.
 */
export function nudged(tape: Tape, label: string): Tape | undefined {
  const at = slotOf(tape, label);
  if (at === undefined) return undefined;
  const lossOnly = prune(tape, {});
  if (at === lossOnly.loss || !lossOnly.ops.some(({ args }) => args.includes(at))) return undefined;
  const written = lossOnly.ops.findIndex(({ slot }) => slot === at);
  const { shape } = [...lossOnly.inputs, ...lossOnly.ops].find(({ slot }) => slot === at)!;
  const free = Math.max(...[...tape.inputs, ...tape.ops].map(({ slot }) => slot)) + 1;
  const sum: Op = { kind: 'add', slot: free + 1, args: [at, free], shape };
  const ops = lossOnly.ops.map((op, i) =>
    i > written ? { ...op, args: op.args.map((slot) => (slot === at ? free + 1 : slot)) } : op,
  );
  ops.splice(written + 1, 0, sum);
  const nudge = { slot: free, name: NUDGE, role: 'data', shape };
  return { ...lossOnly, inputs: [...lossOnly.inputs, nudge], ops };
}
