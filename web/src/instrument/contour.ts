// Contours of a grid of values, by marching squares: all levels in one pass over the cells.

/** The sides (0 south, 1 east, 2 north, 3 west) that a level joins, by which corners lie above it: SW 1, SE 2, NE 4, NW 8. */
const SIDES = [[], [3, 0], [0, 1], [3, 1], [1, 2], [3, 0, 1, 2], [0, 2], [2, 3], [2, 3], [0, 2], [0, 1, 2, 3], [1, 2], [3, 1], [0, 1], [3, 0], []]; // prettier-ignore

/**
 * For each of at most 255 ascending levels, the line segments where an n x n grid crosses it: x, y, x, y, ... in grid
 * steps. Where a cell is crossed twice, as at a saddle, the corners that its bilinear surface joins stay together.
 */
export function contours(
  grid: Float64Array,
  n: number,
  levels: ArrayLike<number>,
): readonly number[][] {
  const found = Array.from(levels, (): number[] => []);
  const below = ranks(grid, n, levels);
  for (let j = 0; j < n - 1; j++)
    for (let i = 0; i < n - 1; i++) {
      const at = j * n + i;
      const [p, q, r, s] = [at, at + 1, at + n + 1, at + n];
      const low = below[p];
      if (below[q] === low && below[r] === low && below[s] === low) continue;
      const [a, b, c, d] = [grid[p], grid[q], grid[r], grid[s]];
      if (!Number.isFinite(a + b + c + d)) continue;
      const to = Math.max(low, below[q], below[r], below[s]);
      for (let k = Math.min(low, below[q], below[r], below[s]); k < to; k++) {
        const level = levels[k];
        let kind = (a > level ? 1 : 0) | (b > level ? 2 : 0) | (c > level ? 4 : 0) | (d > level ? 8 : 0); // prettier-ignore
        if (kind === 5 || kind === 10)
          kind = (a - level) * (c - level) > (b - level) * (d - level) ? 10 : 5;
        const out = found[k];
        for (const side of SIDES[kind])
          if (side === 0) out.push(i + (level - a) / (b - a), j);
          else if (side === 1) out.push(i + 1, j + (level - b) / (c - b));
          else if (side === 2) out.push(i + (level - d) / (c - d), j + 1);
          else out.push(i, j + (level - a) / (d - a));
      }
    }
  return found;
}

/** How many levels lie below each value. Neighbours lie close, so each starts from the one before. */
function ranks(grid: Float64Array, n: number, levels: ArrayLike<number>): Uint8Array {
  const found = new Uint8Array(n * n);
  let k = 0;
  for (let i = 0; i < found.length; i++) {
    while (k < levels.length && grid[i] > levels[k]) k++;
    while (k > 0 && !(grid[i] > levels[k - 1])) k--;
    found[i] = k;
  }
  return found;
}

/** The line segments where a grid crosses one level. */
export function contour(grid: Float64Array, n: number, level: number): readonly number[] {
  return contours(grid, n, [level])[0];
}
