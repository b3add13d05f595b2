// The state of a drawing: read from the page, told to the page after every change, and read again when a link of the
// lesson sets it.

import { untrack } from 'svelte';
import { readState, writeState } from './core.js';
import type { Fields } from './core.js';
import type { Props } from './page.js';

export function kept<T extends Fields>(
  props: () => Pick<Props, 'state' | 'onstate'>,
  before: T,
): T {
  const now = $state(readState(untrack(props).state, before));
  $effect(() => {
    const text = props().state;
    untrack(() => {
      if (text !== writeState({ ...now }, before)) Object.assign(now, readState(text, before));
    });
  });
  $effect(() => {
    const text = writeState({ ...now }, before);
    untrack(() => props().onstate(text));
  });
  return now;
}
