// Linear and logarithmic scales for drawings.

export interface Scale {
  (value: number): number;
  invert(pixel: number): number;
}

/** Farther out nothing is drawn, and a drawing cannot hold the numbers of a descent that diverges. */
const FAR = 1e5;

/** From a domain to pixels. */
export function linear(
  [a, b]: readonly [number, number],
  [p, q]: readonly [number, number],
): Scale {
  const k = b === a ? 0 : (q - p) / (b - a);
  const scale = (value: number) => Math.max(-FAR, Math.min(FAR, p + (value - a) * k));
  return Object.assign(scale, { invert: (pixel: number) => a + (pixel - p) / (k || 1) });
}

/** The same on a logarithmic axis; the domain is positive, and nothing else has a place there. */
export function log([a, b]: readonly [number, number], range: readonly [number, number]): Scale {
  const inner = linear([Math.log(a), Math.log(b)], range);
  const scale = (value: number) => (value > 0 ? inner(Math.log(value)) : NaN);
  return Object.assign(scale, { invert: (pixel: number) => Math.exp(inner.invert(pixel)) });
}

/** The "d" of a line through points; gaps where a number is not finite. */
export function line(xs: ArrayLike<number>, ys: ArrayLike<number>, x: Scale, y: Scale): string {
  let d = '';
  let pen = 'M';
  for (let i = 0; i < xs.length; i++) {
    const [px, py] = [x(xs[i]), y(ys[i])];
    if (!Number.isFinite(px) || !Number.isFinite(py)) pen = 'M';
    else {
      d += `${pen}${px.toFixed(1)} ${Math.max(-1e4, Math.min(1e4, py)).toFixed(1)}`;
      pen = 'L';
    }
  }
  return d;
}
