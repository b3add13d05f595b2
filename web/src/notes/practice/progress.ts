// What is kept of somebody's practice: in this browser only, and only as much as can be counted.

export interface Done {
  /** The best points, and of how many. */
  points: number;
  of: number;
  /** Whether the solution was opened before all was right. */
  shown?: boolean;
}

export type Progress = Record<string, Done>;

interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const KEY = 'chainrule-practice';

/** The browser's own store; none where it is switched off. */
export function store(): Store | null {
  try {
    return (globalThis as { localStorage?: Store }).localStorage ?? null;
  } catch {
    return null;
  }
}

export function read<T>(name: string, otherwise: T, from = store()): T {
  try {
    const text = from?.getItem(`${KEY}-${name}`);
    return text ? (JSON.parse(text) as T) : otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a value; says whether it could be kept. */
export function keep(name: string, value: unknown, into = store()): boolean {
  try {
    if (!into) return false;
    if (value === null) into.removeItem(`${KEY}-${name}`);
    else into.setItem(`${KEY}-${name}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Progress under the keys that questions have now. */
export const under = (progress: Progress, now: (key: string) => string): Progress =>
  Object.fromEntries(Object.entries(progress).map(([key, done]) => [now(key), done]));

/** Progress with a new result in it: the best one stays. */
export function noted(progress: Progress, key: string, points: number, of: number): Progress {
  const before = progress[key];
  if (before?.shown && before.points < before.of) return progress;
  return { ...progress, [key]: { ...before, points: Math.max(points, before?.points ?? 0), of } };
}

/** Progress after a look at the solution: from then on the question does not count. */
export function peeked(progress: Progress, key: string, of: number): Progress {
  const before = progress[key] ?? { points: 0, of };
  if (before.points >= before.of) return progress;
  return { ...progress, [key]: { ...before, shown: true } };
}

export const isDone = (progress: Progress, key: string): boolean => {
  const one = progress[key];
  return !!one && one.of > 0 && one.points >= one.of;
};

/** How many of some questions are done. */
export const count = (progress: Progress, keys: readonly string[]): number =>
  keys.filter((key) => isDone(progress, key)).length;
