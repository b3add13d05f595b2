// The update of the next step, phase by phase, for one entry of the parameters.

import { entryIndex, entryNames } from '../instrument/landscape.js';
import { updater } from '../instrument/stepper.js';
import type { Ground } from './ground.svelte.js';
import type { Session } from './session.svelte.js';

export type Update = ReturnType<typeof updateOf>;

export function updateOf(session: Session, ground: Ground) {
  const names = $derived(entryNames(session.problem.layout));
  /** The entry that was chosen; the landscape's first axis if none was. */
  const at = $derived(
    Math.max(0, entryIndex(session.problem.layout, session.s.entry || ground.plane.names[0])),
  );
  const numbers = $derived.by(() => {
    const { method, position, s, step } = session;
    const { tape, slots } = method;
    const machine = updater(tape, slots, position.params.slice(), ground.gradient, s.rate);
    for (const slot of slots) machine.slots[slot].set(position.slots[slot]);
    machine.run(step + 1, false);
    const found: Record<string, number> = {};
    for (const { target } of method.phases) {
      const values = Object.hasOwn(tape.gradients, target)
        ? machine.program.gradient(target)
        : Object.hasOwn(tape.names, target)
          ? machine.program.value(target)
          : null;
      if (values) found[target] = values[values.length === 1 ? 0 : at];
    }
    return found;
  });
  return {
    get names() { return names; },
    get at() { return at; },
    get entry() { return names[at]; },
    get numbers() { return numbers; },
    look: (name: string) => session.set({ entry: name }),
  }; // prettier-ignore
}
