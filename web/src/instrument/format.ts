// Numbers as a reader sees them: four significant digits, a real minus sign; exact where asked.

const MINUS = '−';
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const raised = (exponent: number) =>
  (exponent < 0 ? '⁻' : '') +
  [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join('');

/** Four significant digits: "1.196", "−0.006196", "2.300 × 10⁻⁹". */
export function short(x: number, digits = 4): string {
  if (Number.isNaN(x)) return 'not a number';
  if (!Number.isFinite(x)) return x > 0 ? '∞' : `${MINUS}∞`;
  if (x === 0) return '0';
  const [mantissa, power] = x.toExponential(digits - 1).split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent > 5)
    return `${mantissa} × 10${raised(exponent)}`.replace('-', MINUS);
  return x.toFixed(Math.max(digits - 1 - exponent, 0)).replace('-', MINUS);
}

/** As few digits as name the very same double. */
export function exact(x: number): string {
  return (Object.is(x, -0) ? '-0' : String(x)).replace(/-/g, MINUS);
}

/** An array in a line, exactly. */
export const exactly = (data: ArrayLike<number>) =>
  data.length === 1 ? exact(data[0]) : extremes(data).map(exact).join(' … ');

/** A number for an axis: as short as it can be. */
export function tick(x: number): string {
  if (x === 0) return '0';
  const size = Math.abs(x);
  if (size < 1e-3 || size >= 1e5) {
    const [mantissa, power] = x.toExponential().split('e');
    const times = mantissa === '1' ? '' : mantissa === '-1' ? MINUS : `${mantissa}·`;
    return `${times}10${raised(Number(power))}`.replace('-', MINUS);
  }
  return String(Number(x.toPrecision(6))).replace('-', MINUS);
}

/** An array in a line: its number, or its smallest and largest. */
export function span(data: ArrayLike<number>): string {
  if (data.length === 0) return 'empty';
  if (data.length === 1) return short(data[0]);
  const [low, high] = extremes(data);
  return low === high ? `all ${short(low, 3)}` : `${short(low, 3)} … ${short(high, 3)}`;
}

/** The smallest and the largest number that are finite; NaN where there are none. */
export function extremes(data: ArrayLike<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    if (data[i] < low && data[i] > -Infinity) low = data[i];
    if (data[i] > high && data[i] < Infinity) high = data[i];
  }
  return low > high ? [NaN, NaN] : [low, high];
}

/** Round numbers from low to high, about `count` of them. */
export function ticks(low: number, high: number, count = 5): number[] {
  const range = high - low;
  if (!(range > 0) || !Number.isFinite(range)) return [low];
  const raw = range / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= raw * 0.999) ?? 10 * power;
  const found: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
    found.push(Number((k * step).toPrecision(12)));
  return found;
}

/** 1, 2, 5, 10, ... from low to high on a log scale; powers of ten alone where there are many. */
export function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.max(1, Math.ceil((last - first) / 6));
  const kinds = last - first <= 3 ? [1, 2, 5] : [1];
  const found: number[] = [];
  for (let power = first; power <= last; power += every)
    for (const kind of kinds) {
      const value = Number(`${kind}e${power}`);
      if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
    }
  return found;
}

/** "W1[2, 0]" for an entry of an array. */
export function entryName(label: string, shape: readonly number[], index: number): string {
  if (shape.length === 0) return label;
  return `${label}[${indices(shape, index).join(', ')}]`;
}

/** The place of a flat index in every axis. */
export function indices(shape: readonly number[], index: number): number[] {
  const found: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    found.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return found;
}
