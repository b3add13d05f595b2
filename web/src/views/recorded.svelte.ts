// A run, as it is recorded: what takes long is recorded between the frames, and shown now and then on the way.

import { untrack } from 'svelte';
import type { Recording } from '../instrument/trace.js';
import { clock } from './slices.js';

/** Milliseconds of recording at once, of recording between two frames, and of at most until more of it is shown. */
const FIRST = 40;
const SLICE = 12;
const NEWS = 250;
/** Milliseconds between two frames while something is held, and at most until the step that is shown is made. */
const QUICK = 8;
const PATIENT = 24;

/** `make` a recording anew when what it reads has changed; none where there is nothing to record. */
export function recorded(make: () => Recording | null, held: () => boolean, shown: () => number) {
  let news = $state.raw(0);
  const recording = $derived.by(() => {
    const found = make();
    const from = clock();
    const [isHeld, step] = untrack(() => [held(), shown()]);
    found?.go(() => {
      const spent = clock() - from;
      return spent < (!isHeld ? FIRST : found.steps < step ? PATIENT : QUICK);
    });
    return found;
  });
  const trace = $derived.by(() => {
    void news;
    return recording?.trace() ?? null;
  });
  $effect(() => {
    const now = recording;
    if (!now || now.done || held()) return;
    let told = clock();
    const more = () => {
      const from = clock();
      now.go(() => clock() - from < SLICE);
      if (now.done || clock() - told > NEWS) {
        news++;
        told = clock();
      }
      if (!now.done) timer = setTimeout(more);
    };
    let timer = setTimeout(more);
    return () => clearTimeout(timer);
  });
  return {
    get trace() { return trace; },
    get done() { return void news, recording?.done ?? true; },
  }; // prettier-ignore
}
