// What is drawn of the data: which of them, in which frame, and what the model makes of them.

import { predictor } from '../instrument/fit.js';
import { extremes } from '../instrument/format.js';
import type { Session } from './session.svelte.js';

const GRID = 40;
const CURVE = 120;

export function fittedOf(session: Session) {
  const { contract } = session;
  const columns = $derived(session.columns);
  const features = $derived(columns.flatMap((c, k) => (c.label === contract.features ? [k] : [])));
  const target = $derived(
    Math.max(
      0,
      columns.findIndex(({ label }) => label === contract.target),
    ),
  );
  const kind = $derived(
    features.length === 1
      ? 'curve'
      : features.length === 2 && contract.kind === 'classification'
        ? 'boundary'
        : 'against',
  );
  const up = $derived(kind === 'boundary' ? features[1] : target);
  const predict = $derived(
    kind === 'curve' ? predictor(session.problem, CURVE) : kind === 'boundary' ? predictor(session.problem, GRID * GRID) : undefined, // prettier-ignore
  );
  /** The frame of the scatter: that of the data as they came, so that a dragged point does not move it. */
  const domain = $derived.by(() => {
    const wide = (k: number): [number, number] => {
      const [low, high] = extremes(session.base.map((row) => row[k]));
      const room = (high - low) * 0.06 || 1;
      return Number.isNaN(low) ? [-1, 1] : [low - room, high + room];
    };
    const y = wide(up);
    return { x: kind === 'against' ? y : wide(features[0] ?? 0), y };
  });
  const curve = $derived.by(() => {
    if (kind !== 'curve' || !predict) return null;
    const { step, trace, position } = session;
    const [low, high] = domain.x;
    const xs = Float64Array.from(
      { length: CURVE },
      (_, i) => low + ((high - low) * i) / (CURVE - 1),
    );
    const at = (params: Float64Array) => predict(params, [xs]).slice();
    const before = [...new Set([0, 1, 2, 3].map((k) => Math.floor((step * k) / 4)))].filter((k) => k < step); // prettier-ignore
    return { xs, ys: at(position.params), earlier: before.map((k) => at(trace.at(k).params)) };
  });
  const boundary = $derived.by(() => {
    if (kind !== 'boundary' || !predict) return null;
    const [u, v] = [domain.x, domain.y];
    const at = (k: number, [low, high]: [number, number]) => low + ((high - low) * k) / (GRID - 1);
    const a = Float64Array.from({ length: GRID * GRID }, (_, k) => at(k % GRID, u));
    const b = Float64Array.from({ length: GRID * GRID }, (_, k) => at(Math.floor(k / GRID), v));
    return { n: GRID, u, v, grid: predict(session.position.params, [a, b]).slice() };
  });
  const predictions = $derived.by(() => {
    const found = session.whole.arrays.get(contract.prediction);
    return found && found.data.length === session.examples.length ? found.data : null;
  });
  return {
    get kind() { return kind; },
    get across() { return features[0] ?? 0; },
    get up() { return up; },
    get domain() { return domain; },
    get curve() { return curve; },
    get boundary() { return boundary; },
    get predictions() { return predictions; },
  } as const; // prettier-ignore
}
