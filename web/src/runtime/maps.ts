// The elementwise ops as loops over flat arrays, one literal loop each: a shared loop calling a
// function per entry cannot be inlined and is several times slower. No op here broadcasts.

type Loop = (
  args: readonly [Float64Array, Float64Array, Float64Array],
  o: Float64Array,
  parameter: (name: string) => number,
) => () => void;

export interface MapOp {
  arity: number;
  link: Loop;
}

const unary = (link: Loop): MapOp => ({ arity: 1, link });
const binary = (link: Loop): MapOp => ({ arity: 2, link });

export const maps: ReadonlyMap<string, MapOp> = new Map<string, MapOp>([
  [
    'exp',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.exp(x[i]);
      };
    }),
  ],
  [
    'log',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.log(x[i]);
      };
    }),
  ],
  [
    'sqrt',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.sqrt(x[i]);
      };
    }),
  ],
  [
    'square',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = x[i] * x[i];
      };
    }),
  ],
  ['power', unary(([x], o, parameter) => power(x, o, parameter('exponent')))],
  [
    'reciprocal',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = 1 / x[i];
      };
    }),
  ],
  [
    'abs',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.abs(x[i]);
      };
    }),
  ],
  [
    'floor',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.floor(x[i]);
      };
    }),
  ],
  [
    'sign',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.sign(x[i]) + 0;
      };
    }),
  ],
  [
    'tanh',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.tanh(x[i]);
      };
    }),
  ],
  [
    'sigmoid',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) {
          const e = Math.exp(-Math.abs(x[i]));
          o[i] = (x[i] < 0 ? e : 1) / (1 + e);
        }
      };
    }),
  ],
  [
    'relu',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.max(x[i], 0);
      };
    }),
  ],
  [
    'leaky_relu',
    unary(([x], o, parameter) => {
      const slope = parameter('slope');
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = x[i] > 0 ? x[i] : slope * x[i];
      };
    }),
  ],
  [
    'softplus',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++)
          o[i] = Math.max(x[i], 0) + Math.log1p(Math.exp(-Math.abs(x[i])));
      };
    }),
  ],
  [
    'sin',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.sin(x[i]);
      };
    }),
  ],
  [
    'cos',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.cos(x[i]);
      };
    }),
  ],
  [
    'step',
    unary(([x], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = x[i] > 0 ? 1 : 0;
      };
    }),
  ],
  [
    'clip',
    unary(([x], o, parameter) => {
      const low = parameter('low');
      const high = parameter('high');
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.min(Math.max(x[i], low), high);
      };
    }),
  ],
  [
    'inside',
    unary(([x], o, parameter) => {
      const low = parameter('low');
      const high = parameter('high');
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = low < x[i] && x[i] < high ? 1 : 0;
      };
    }),
  ],
  [
    'huber',
    unary(([x], o, parameter) => {
      const delta = parameter('delta');
      return () => {
        for (let i = 0; i < o.length; i++) {
          const r = Math.abs(x[i]);
          o[i] = r <= delta ? 0.5 * r * r : delta * (r - 0.5 * delta);
        }
      };
    }),
  ],
  [
    'pow',
    binary(([x, y], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = x[i] === 1 ? 1 : x[i] ** y[i];
      };
    }),
  ],
  [
    'maximum',
    binary(([x, y], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.max(x[i], y[i]);
      };
    }),
  ],
  [
    'minimum',
    binary(([x, y], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = Math.min(x[i], y[i]);
      };
    }),
  ],
  [
    'greater',
    binary(([x, y], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = x[i] > y[i] ? 1 : 0;
      };
    }),
  ],
  [
    'greater_equal',
    binary(([x, y], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = x[i] >= y[i] ? 1 : 0;
      };
    }),
  ],
  [
    'less',
    binary(([x, y], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = x[i] < y[i] ? 1 : 0;
      };
    }),
  ],
  [
    'less_equal',
    binary(([x, y], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = x[i] <= y[i] ? 1 : 0;
      };
    }),
  ],
  [
    'equal',
    binary(([x, y], o) => {
      return () => {
        for (let i = 0; i < o.length; i++) o[i] = x[i] === y[i] ? 1 : 0;
      };
    }),
  ],
  [
    'where',
    {
      arity: 3,
      link:
        ([c, x, y], o) =>
        () => {
          for (let i = 0; i < o.length; i++) o[i] = c[i] !== 0 ? x[i] : y[i];
        },
    },
  ],
]);

/** The usual exponents without the general power. */
function power(x: Float64Array, o: Float64Array, exponent: number): () => void {
  if (exponent === 2)
    return () => {
      for (let i = 0; i < o.length; i++) o[i] = x[i] * x[i];
    };
  if (exponent === 0.5)
    return () => {
      for (let i = 0; i < o.length; i++) o[i] = Math.sqrt(x[i]);
    };
  if (exponent === -1)
    return () => {
      for (let i = 0; i < o.length; i++) o[i] = 1 / x[i];
    };
  return () => {
    for (let i = 0; i < o.length; i++) o[i] = x[i] ** exponent;
  };
}
