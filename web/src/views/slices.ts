// Work in slices, between which the page answers.

/** Milliseconds since the page was opened. */
export const clock = () => performance.now();

/** Milliseconds of the first slice, which is waited for; of those that follow. */
const FIRST = 25;
const SLICE = 12;

/**
 * Goes on with a generator until it has found something, and tells what; tells at its first pause that it takes longer.
 * Returns what stops it.
 */
export function inSlices<T>(
  work: Generator<void, T>,
  then: (found: T) => void,
  late?: () => void,
): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const go = (ms: number) => {
    const until = clock() + ms;
    do {
      const { done, value } = work.next();
      if (done) return then(value);
    } while (clock() < until);
    if (ms === FIRST) late?.();
    timer = setTimeout(go, 0, SLICE);
  };
  go(FIRST);
  return () => clearTimeout(timer);
}
