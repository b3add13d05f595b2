// One small counter-based generator, Threefry-2x32 (20 rounds): the same seed, the same numbers as
// in Python. Source: Salmon, Moraes, Dror, Shaw 2011, Parallel random numbers: as easy as 1, 2, 3.

const ROTATIONS = Uint8Array.of(13, 15, 26, 6, 17, 29, 16, 24);
const PARITY = 0x1bd11bda;

/** Numbers below this fit into a double beside 32 bits. */
const ROOM = 2 ** 21;

/** The block function: two words of 32 bits from a key and a counter of two words each. */
export function threefry(key: readonly [number, number], c0: number, c1: number): [number, number] {
  const words = new Uint32Array(2);
  block(key[0], key[1], c0, c1, words, 0);
  return [words[0], words[1]];
}

/** Leaves both words at `at` and after it. */
// prettier-ignore
function block(k0: number, k1: number, c0: number, c1: number,
  words: Uint32Array, at: number): void {
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  let next = k1;
  let after = k0 ^ k1 ^ PARITY;
  let last = k0;
  for (let round = 0; round < 20; round++) {
    const by = ROTATIONS[round & 7];
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << by) | (x1 >>> (32 - by))) ^ x0;
    if ((round & 3) !== 3) continue;
    x0 = (x0 + next) | 0;
    x1 = (x1 + after + (round + 1) / 4) | 0;
    const used = next;
    next = after;
    after = last;
    last = used;
  }
  words[at] = x0;
  words[at + 1] = x1;
}

/** The words of the counters 0, ..., count - 1 under the key (seed, stream). */
function blocks(seed: number, stream: number, count: number): Uint32Array {
  const words = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) block(seed | 0, stream | 0, 0, i, words, 2 * i);
  return words;
}

/** `count` numbers in [0, 1), 53 random bits each, from one stream of a seed. */
export function uniform(seed: number, stream: number, count: number): Float64Array {
  const words = blocks(seed, stream, count);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++)
    numbers[i] = ((words[2 * i] >>> 5) * 2 ** 26 + (words[2 * i + 1] >>> 6)) * 2 ** -53;
  return numbers;
}

/** `count` standard normal numbers by Box and Muller's method, from one stream of a seed. */
export function normal(seed: number, stream: number, count: number): Float64Array {
  const pairs = uniform(seed, stream, 2 * count);
  const radius = (i: number) => Math.sqrt(-2 * Math.log(1 - pairs[2 * i]));
  const turn = (i: number) => Math.cos(2 * Math.PI * pairs[2 * i + 1]);
  return Float64Array.from({ length: count }, (_, i) => radius(i) * turn(i));
}

/** 0, ..., n - 1 in a random order: sorted by the two words that each gives as a counter. */
export function permutation(seed: number, stream: number, n: number): Int32Array {
  const words = blocks(seed, stream, n);
  const order = new Int32Array(n);
  // The first word and the number in one key, which sorts several times faster than pairs of words.
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) keys[i] = words[2 * i] * ROOM + i;
  keys.sort();
  let last = -1;
  let tie = n > ROOM;
  for (let i = 0; i < n; i++) {
    order[i] = keys[i] - Math.floor(keys[i] / ROOM) * ROOM;
    tie ||= words[2 * order[i]] === last;
    last = words[2 * order[i]];
  }
  if (!tie) return order;
  for (let i = 0; i < n; i++) order[i] = i;
  return order.sort(
    (i, j) => words[2 * i] - words[2 * j] || words[2 * i + 1] - words[2 * j + 1] || i - j,
  );
}
