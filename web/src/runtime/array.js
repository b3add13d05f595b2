/**
 * Arrays for emitted gradients: NumPy's rules over flat float64, with no dependency. Knows nothing
 * of graphs or derivatives. No function writes to its arguments; a result may share their data.
 *
 * @typedef {{shape: number[], data: Float64Array}} NDArray row-major; a scalar has shape []
 * @typedef {number | unknown[]} Nested a number, or lists of lists of numbers
 * @typedef {number | number[]} Axis one axis or several; -1 is the last
 */

/** The number of entries of a shape. @param {number[]} shape */
export function count(shape) {
  return shape.reduce((product, n) => product * n, 1);
}

/** A shape as Python prints it: (), (3,), (2, 3). @param {number[]} shape */
export function show(shape) {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/**
 * An array from a number, nested lists, or an array (checked and returned as it is).
 * @param {Nested | NDArray} x
 * @returns {NDArray}
 */
export function array(x) {
  if (typeof x === 'object' && x !== null && !Array.isArray(x)) {
    if (!Array.isArray(x.shape) || !(x.data instanceof Float64Array))
      throw new Error('array: expected a number, nested lists, or {shape, data: Float64Array}');
    if (x.data.length !== count(x.shape))
      throw new Error(`array: shape ${show(x.shape)} does not hold ${x.data.length} entries`);
    return x;
  }
  /** @type {number[]} */
  const shape = [];
  for (let at = /** @type {unknown} */ (x); Array.isArray(at); at = at[0]) shape.push(at.length);
  const data = new Float64Array(count(shape));
  let next = 0;
  /** @type {(part: unknown, depth: number, path: string) => void} */
  const read = (part, depth, path) => {
    if (depth < shape.length) {
      if (!Array.isArray(part) || part.length !== shape[depth])
        throw new Error(
          `array: element ${path} has ${Array.isArray(part) ? part.length : 'no'} entries, ` +
            `expected ${shape[depth]} (all parts of shape ${show(shape)} must be equally long)`,
        );
      part.forEach((entry, i) => read(entry, depth + 1, `${path}[${i}]`));
    } else if (typeof part === 'number') data[next++] = part;
    else throw new Error(`array: element ${path || '[]'} must be a number, not ${typeof part}`);
  };
  read(x, 0, '');
  return { shape, data };
}

/**
 * Back to a number or nested lists.
 * @param {NDArray} t
 * @returns {Nested}
 */
export function nested(t) {
  /** @type {(axis: number, start: number) => Nested} */
  const part = (axis, start) => {
    if (axis === t.shape.length) return t.data[start];
    const stride = count(t.shape.slice(axis + 1));
    return Array.from({ length: t.shape[axis] }, (_, i) => part(axis + 1, start + i * stride));
  };
  return part(0, 0);
}

/**
 * @param {number[]} shape
 * @param {number} value
 * @returns {NDArray}
 */
export function full(shape, value) {
  return { shape: shape.slice(), data: new Float64Array(count(shape)).fill(value) };
}

// ---- shape

/** The same entries in another shape. @param {NDArray} a @param {number[]} shape */
export function reshape(a, shape) {
  if (count(shape) !== a.data.length)
    throw new Error(`reshape: ${show(a.shape)} does not have as many entries as ${show(shape)}`);
  return { shape: shape.slice(), data: a.data };
}

/** The axes as integers from 0, in order. @param {NDArray} a @param {Axis} axis */
export function axesOf(a, axis) {
  const given = typeof axis === 'number' ? [axis] : axis;
  return given
    .map((d) => {
      if (!Number.isInteger(d) || d < -a.shape.length || d >= a.shape.length)
        throw new Error(`axis ${d} is not an axis of shape ${show(a.shape)}`);
      return d < 0 ? d + a.shape.length : d;
    })
    .sort((p, q) => p - q);
}

/**
 * Repeats axes of size 1 (and missing leading axes) as NumPy does.
 * @param {NDArray} a
 * @param {number[]} shape
 * @returns {NDArray}
 */
export function broadcastTo(a, shape) {
  const lead = shape.length - a.shape.length;
  if (lead < 0 || a.shape.some((n, d) => n !== 1 && n !== shape[lead + d]))
    throw new Error(`broadcastTo: shape ${show(a.shape)} does not broadcast to ${show(shape)}`);
  const out = shape.map((_, d) => d);
  const own = out.filter((d) => d >= lead && a.shape[d - lead] !== 1);
  const squeezed = own.map((d) => shape[d]);
  if (show(a.shape) === show(shape)) return a;
  return ein(1, [reshape(a, squeezed)], [own], out, shape);
}

/** Rows become columns. @param {NDArray} a */
export function transpose(a) {
  if (a.shape.length !== 2)
    throw new Error(`transpose: expected two axes, got shape ${show(a.shape)}`);
  return ein(1, [a], [[0, 1]], [1, 0], a.shape);
}

/**
 * Joins arrays along an axis.
 * @param {NDArray[]} list
 * @param {number} axis
 * @returns {NDArray}
 */
export function concat(list, axis) {
  const [d] = axesOf(list[0], axis);
  const shape = list[0].shape.slice();
  for (const { shape: other } of list.slice(1)) {
    if (other.length !== shape.length || other.some((n, i) => i !== d && n !== shape[i]))
      throw new Error(
        `concat: shapes ${show(list[0].shape)} and ${show(other)} differ off axis ${d}`,
      );
    shape[d] += other[d];
  }
  const data = new Float64Array(count(shape));
  let at = 0;
  for (let block = 0; block < count(shape.slice(0, d)); block++)
    for (const part of list) {
      const run = count(part.shape.slice(d));
      data.set(part.data.subarray(block * run, (block + 1) * run), at);
      at += run;
    }
  return { shape, data };
}

/**
 * Entries start <= k < stop along an axis.
 * @param {NDArray} a
 * @param {number} axis
 * @param {number} start
 * @param {number} stop
 * @returns {NDArray}
 */
export function slice(a, axis, start, stop) {
  const [d] = axesOf(a, axis);
  if (!(0 <= start && start <= stop && stop <= a.shape[d]))
    throw new Error(`slice: ${start}:${stop} is not within axis ${d} of shape ${show(a.shape)}`);
  const shape = a.shape.map((n, i) => (i === d ? stop - start : n));
  const data = new Float64Array(count(shape));
  const inner = count(shape.slice(d + 1));
  const run = (stop - start) * inner;
  for (let block = 0; block < count(shape.slice(0, d)); block++) {
    const from = (block * a.shape[d] + start) * inner;
    data.set(a.data.subarray(from, from + run), block * run);
  }
  return { shape, data };
}

/**
 * Zeros before and after along an axis.
 * @param {NDArray} a
 * @param {number} axis
 * @param {number} before
 * @param {number} after
 */
export function pad(a, axis, before, after) {
  const [d] = axesOf(a, axis);
  /** @param {number} n */
  const zeros = (n) => full(a.shape.with(d, n), 0);
  return concat([zeros(before), a, zeros(after)], d);
}

/** Entry k of an axis, which disappears. @param {NDArray} a @param {number} axis @param {number} k */
export function select(a, axis, k) {
  const [d] = axesOf(a, axis);
  return reshape(slice(a, d, k, k + 1), a.shape.toSpliced(d, 1));
}

/**
 * Inserts an axis of the given size, with `a` at its entry k and zero elsewhere.
 * @param {NDArray} a
 * @param {number} axis
 * @param {number} k
 * @param {number} size
 */
export function place(a, axis, k, size) {
  if (!(0 <= k && k < size)) throw new Error(`place: entry ${k} is not within an axis of ${size}`);
  const [d] = axesOf(full([...a.shape, 0], 0), axis);
  return pad(reshape(a, a.shape.toSpliced(d, 0, 1)), d, k, size - 1 - k);
}

// ---- products and sums

/**
 * Splits a contraction into stages of at most two factors: sums over a letter that only one factor
 * has first, then the cheapest pair, broadcasts last. A stage's args count operands, then stages.
 * @param {number[][]} letters
 * @param {number[]} out
 * @param {number[]} sizes
 */
export function einPlan(letters, out, sizes) {
  /** @type {{args: number[], letters: number[][], out: number[]}[]} */
  const stages = [];
  let terms = letters.map((own, arg) => ({ arg, own }));
  /** @typedef {typeof terms} Terms */
  /** @type {(chosen: Terms) => number[]} */
  const union = (chosen) => [...new Set(chosen.flatMap((t) => t.own))];
  /** @type {(chosen: Terms) => number[]} letters still needed once these are multiplied */
  const needed = (chosen) => {
    const rest = new Set([...out, ...union(terms.filter((t) => !chosen.includes(t)))]);
    return union(chosen).filter((letter) => rest.has(letter));
  };
  /** @type {(chosen: Terms, result: number[]) => void} */
  const contract = (chosen, result) => {
    const arg = letters.length + stages.length;
    stages.push({ args: chosen.map((t) => t.arg), letters: chosen.map((t) => t.own), out: result });
    terms = [{ arg, own: result }, ...terms.filter((t) => !chosen.includes(t))];
  };
  if (terms.length > 1)
    for (const t of terms) if (needed([t]).length < union([t]).length) contract([t], needed([t]));
  while (terms.length > 2) {
    let best = { pair: terms.slice(0, 2), cost: Infinity };
    terms.forEach((t, i) =>
      terms.slice(i + 1).forEach((u) => {
        const cost = count(union([t, u]).map((letter) => sizes[letter]));
        if (cost < best.cost) best = { pair: [t, u], cost };
      }),
    );
    contract(best.pair, needed(best.pair));
  }
  const kept = needed(terms);
  if (kept.length < union(terms).length && kept.length < new Set(out).size) contract(terms, kept);
  contract(terms, out);
  return stages;
}

/**
 * The loops of a contraction, outermost first: output letters, summed letters, and innermost the
 * letter that walks memory best; letters that walk as one are merged.
 * @param {number[][]} letters
 * @param {number[]} out
 * @param {number[]} sizes
 * @returns {{size: number, strides: number[]}[]} strides: one per factor, then the output's
 */
export function einLoops(letters, out, sizes) {
  /** @type {(own: number[], letter: number) => number} the diagonal of a repeated letter */
  const stride = (own, letter) =>
    own.reduce((total, l, d) => {
      return l === letter ? total + count(own.slice(d + 1).map((r) => sizes[r])) : total;
    }, 0);
  /** @type {{size: number, strides: number[]}[]} */
  const loops = [];
  for (const letter of new Set([...out, ...letters.flat()])) {
    if (sizes[letter] === 1) continue;
    const strides = [...letters, out].map((own) => stride(own, letter));
    const last = loops.at(-1);
    if (last && last.strides.every((s, i) => s === strides[i] * sizes[letter]))
      loops[loops.length - 1] = { size: last.size * sizes[letter], strides };
    else loops.push({ size: sizes[letter], strides });
  }
  /** @param {{strides: number[]}} loop */
  const jumps = (loop) => loop.strides.filter((s) => s > 1).length;
  let best = loops.length - 1;
  loops.forEach((loop, i) => {
    if (jumps(loop) < jumps(loops[best])) best = i;
  });
  loops.push(...loops.splice(best, 1));
  return loops.length ? loops : [{ size: 1, strides: [...letters, out].map(() => 0) }];
}

/**
 * The innermost loop: data[r], data[r + dr], ... += factor * a * b; every array is followed by its
 * start and its stride.
 * @param {number} factor
 * @param {Float64Array} a @param {number} p @param {number} dp
 * @param {Float64Array} b @param {number} q @param {number} dq
 * @param {Float64Array} data @param {number} r @param {number} dr
 * @param {number} size
 */
export function einRow(factor, a, p, dp, b, q, dq, data, r, dr, size) {
  if (dr === 0) {
    let total = 0;
    for (let k = 0; k < size; k++) total += a[p + k * dp] * b[q + k * dq];
    data[r] += factor * total;
  } else if (dp === 0) {
    const f = factor * a[p];
    for (let k = 0; k < size; k++) data[r + k * dr] += f * b[q + k * dq];
  } else for (let k = 0; k < size; k++) data[r + k * dr] += factor * a[p + k * dp] * b[q + k * dq];
}

/**
 * coefficient * product of the operands, one letter per axis: a letter missing from `out` is summed
 * over, a letter only in `out` is broadcast. sizes[letter] is its size.
 * @param {number} coefficient
 * @param {NDArray[]} operands
 * @param {number[][]} letters
 * @param {number[]} out
 * @param {number[]} sizes
 * @returns {NDArray}
 */
export function ein(coefficient, operands, letters, out, sizes) {
  operands.forEach(({ shape }, i) => {
    const wanted = letters[i].map((letter) => sizes[letter]);
    if (show(shape) !== show(wanted))
      throw new Error(`ein: operand ${i} has shape ${show(shape)}, its letters ${show(wanted)}`);
  });
  const parts = operands.map((t) => t.data);
  const one = new Float64Array([1]);
  const plan = einPlan(letters, out, sizes);
  plan.forEach((stage, i) => {
    const factor = i === plan.length - 1 ? coefficient : 1;
    const [a = one, b = one] = stage.args.map((arg) => parts[arg]);
    const [left = [], right = []] = stage.letters;
    const data = new Float64Array(count(stage.out.map((letter) => sizes[letter])));
    const loops = einLoops([left, right], stage.out, sizes);
    /** @type {(level: number, p: number, q: number, r: number) => void} */
    const walk = (level, p, q, r) => {
      const { size, strides } = loops[level];
      const [dp, dq, dr] = strides;
      if (level < loops.length - 1)
        for (let k = 0; k < size; k++) walk(level + 1, p + k * dp, q + k * dq, r + k * dr);
      else einRow(factor, a, p, dp, b, q, dq, data, r, dr, size);
    };
    walk(0, 0, 0, 0);
    parts.push(data);
  });
  return { shape: out.map((letter) => sizes[letter]), data: parts[parts.length - 1] };
}

/** The matrix product, with vectors as in NumPy. @param {NDArray} a @param {NDArray} b */
export function matmul(a, b) {
  const [p, q] = [a.shape.length, b.shape.length];
  if (p < 1 || p > 2 || q < 1 || q > 2 || a.shape[p - 1] !== b.shape[0])
    throw new Error(
      `matmul: shapes ${show(a.shape)} and ${show(b.shape)} do not fit: ` +
        'the last axis of the left must be as long as the first of the right (one or two axes each)',
    );
  const left = p === 2 ? [0, 1] : [1];
  const right = q === 2 ? [1, 2] : [1];
  const out = [...left, ...right].filter((letter) => letter !== 1);
  return ein(1, [a, b], [left, right], out, [a.shape[0], b.shape[0], b.shape[q - 1]]);
}

/**
 * Folds axes into one entry each, kept as size 1.
 * @param {NDArray} a
 * @param {Axis} axis
 * @param {number} start
 * @param {(folded: number, x: number) => number} f
 */
export function fold(a, axis, start, f) {
  const axes = axesOf(a, axis);
  const shape = a.shape.map((n, d) => (axes.includes(d) ? 1 : n));
  const result = full(shape, start);
  const positions = { shape: result.shape, data: result.data.map((_, i) => i) };
  const into = broadcastTo(positions, a.shape).data;
  a.data.forEach((x, i) => (result.data[into[i]] = f(result.data[into[i]], x)));
  return result;
}

/**
 * The sum over all entries, or over one axis or several.
 * @param {NDArray} a
 * @param {Axis} [axis]
 * @param {boolean} [keepdims]
 * @returns {NDArray}
 */
export function sum(a, axis = a.shape.map((_, d) => d), keepdims = false) {
  const kept = fold(a, axis, 0, (total, x) => total + x);
  const axes = axesOf(a, axis);
  const left = a.shape.filter((_, d) => !axes.includes(d));
  return keepdims ? kept : reshape(kept, left);
}

// ---- elementwise

/** One function of every entry. @param {NDArray} a @param {(x: number) => number} f */
export function map(a, f) {
  return { shape: a.shape.slice(), data: a.data.map((x) => f(x)) };
}

/**
 * One function of the entries in the same place, after broadcasting.
 * @param {NDArray[]} terms
 * @param {(...x: number[]) => number} f
 */
export function zip(terms, f) {
  const rank = Math.max(...terms.map((t) => t.shape.length));
  const shape = new Array(rank).fill(1);
  for (const t of terms)
    t.shape.forEach((n, i) => {
      const d = rank - t.shape.length + i;
      if (shape[d] === 1) shape[d] = n;
      else if (n !== 1 && n !== shape[d])
        throw new Error(`shapes ${terms.map((u) => show(u.shape)).join(' and ')} do not broadcast`);
    });
  const [a, b, c = b] = terms.map((t) => broadcastTo(t, shape).data);
  return { shape, data: a.map((x, i) => f(x, b[i], c[i])) };
}

/** The sum of one or more arrays. @param {NDArray} first @param {NDArray[]} rest */
export function add(first, ...rest) {
  return rest.reduce((total, t) => zip([total, t], (x, y) => x + y), first);
}

/** @param {NDArray} a @param {NDArray} b */
export function sub(a, b) {
  return zip([a, b], (x, y) => x - y);
}

/** The product entry by entry. @param {NDArray} a @param {NDArray} b */
export function mul(a, b) {
  return zip([a, b], (x, y) => x * y);
}

/** @param {NDArray} a @param {NDArray} b */
export function div(a, b) {
  return zip([a, b], (x, y) => x / y);
}

/** @param {NDArray} a */
export function neg(a) {
  return map(a, (x) => -x);
}

/** A number times every entry. @param {number} c @param {NDArray} a */
export function scale(c, a) {
  return map(a, (x) => c * x);
}

/** @param {NDArray} a */
export function exp(a) {
  return map(a, Math.exp);
}

/** @param {NDArray} a */
export function log(a) {
  return map(a, Math.log);
}

/** @param {NDArray} a */
export function sqrt(a) {
  return map(a, Math.sqrt);
}

/** @param {NDArray} a */
export function square(a) {
  return map(a, (x) => x * x);
}

/** A fixed power. @param {NDArray} a @param {number} p */
export function power(a, p) {
  return map(a, (x) => x ** p);
}

/** @param {NDArray} a */
export function reciprocal(a) {
  return map(a, (x) => 1 / x);
}

/** @param {NDArray} a */
export function abs(a) {
  return map(a, Math.abs);
}

/** Rounded down. @param {NDArray} a */
export function floor(a) {
  return map(a, (x) => Math.floor(x));
}

/** -1, 0 or 1. @param {NDArray} a */
export function sign(a) {
  return map(a, (x) => Math.sign(x) + 0); // + 0: NumPy's sign of -0 is 0
}

/** @param {NDArray} a */
export function tanh(a) {
  return map(a, Math.tanh);
}

/** 1 / (1 + exp(-x)); the exponential never overflows. @param {NDArray} a */
export function sigmoid(a) {
  return map(a, (x) => {
    const e = Math.exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  });
}

/** max(x, 0). @param {NDArray} a */
export function relu(a) {
  return map(a, (x) => Math.max(x, 0));
}

/** @param {NDArray} a @param {number} slope */
export function leakyRelu(a, slope) {
  return map(a, (x) => (x > 0 ? x : slope * x));
}

/** log(1 + exp(x)); the exponential never overflows. @param {NDArray} a */
export function softplus(a) {
  return map(a, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
}

/** @param {NDArray} a */
export function sin(a) {
  return map(a, Math.sin);
}

/** @param {NDArray} a */
export function cos(a) {
  return map(a, Math.cos);
}

/** 1 where x > 0, else 0. @param {NDArray} a */
export function step(a) {
  return map(a, (x) => (x > 0 ? 1 : 0));
}

/** @param {NDArray} a @param {number} lo @param {number} hi */
export function clip(a, lo, hi) {
  return map(a, (x) => Math.min(Math.max(x, lo), hi));
}

/** 1 where lo < x < hi, else 0. @param {NDArray} a @param {number} lo @param {number} hi */
export function inside(a, lo, hi) {
  return map(a, (x) => (lo < x && x < hi ? 1 : 0));
}

/** x^2 / 2 up to |x| = delta, then straight on. @param {NDArray} a @param {number} delta */
export function huber(a, delta) {
  return map(a, (x) => {
    const r = Math.abs(x);
    return r <= delta ? 0.5 * x * x : delta * (r - 0.5 * delta);
  });
}

/** @param {NDArray} a @param {NDArray} b */
export function pow(a, b) {
  return zip([a, b], (x, y) => (x === 1 ? 1 : x ** y)); // 1 ** NaN is 1 in NumPy
}

/** @param {NDArray} a @param {NDArray} b */
export function maximum(a, b) {
  return zip([a, b], (x, y) => Math.max(x, y));
}

/** @param {NDArray} a @param {NDArray} b */
export function minimum(a, b) {
  return zip([a, b], (x, y) => Math.min(x, y));
}

/** 1 where a > b, else 0. @param {NDArray} a @param {NDArray} b */
export function greater(a, b) {
  return zip([a, b], (x, y) => (x > y ? 1 : 0));
}

/** @param {NDArray} a @param {NDArray} b */
export function greaterEqual(a, b) {
  return zip([a, b], (x, y) => (x >= y ? 1 : 0));
}

/** @param {NDArray} a @param {NDArray} b */
export function less(a, b) {
  return zip([a, b], (x, y) => (x < y ? 1 : 0));
}

/** @param {NDArray} a @param {NDArray} b */
export function lessEqual(a, b) {
  return zip([a, b], (x, y) => (x <= y ? 1 : 0));
}

/** @param {NDArray} a @param {NDArray} b */
export function equal(a, b) {
  return zip([a, b], (x, y) => (x === y ? 1 : 0));
}

/** a where c is not 0, else b. @param {NDArray} c @param {NDArray} a @param {NDArray} b */
export function where(c, a, b) {
  return zip([c, a, b], (test, x, y) => (test !== 0 ? x : y));
}

// ---- along axes

/** The largest entry; the axis stays, with size 1. @param {NDArray} a @param {Axis} axis */
export function max(a, axis) {
  return fold(a, axis, -Infinity, Math.max);
}

/** log(sum(exp(a))), stable; the axis stays, with size 1. @param {NDArray} a @param {Axis} axis */
export function logsumexp(a, axis) {
  const top = map(max(a, axis), (x) => (Math.abs(x) === Infinity ? 0 : x)); // inf - inf is NaN
  return add(log(sum(exp(sub(a, top)), axis, true)), top);
}

/** exp(a) / sum(exp(a)), stable. @param {NDArray} a @param {Axis} axis */
export function softmax(a, axis) {
  const e = exp(sub(a, max(a, axis)));
  return div(e, sum(e, axis, true));
}

/** log(softmax(a)), stable. @param {NDArray} a @param {Axis} axis */
export function logSoftmax(a, axis) {
  const shifted = sub(a, max(a, axis));
  return sub(shifted, log(sum(exp(shifted), axis, true)));
}
