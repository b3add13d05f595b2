// What the landscape shows: the plane, its frame, and where the paths lie above it.

import { extentOf, offPlane, planeOf, pointAt, project } from '../instrument/landscape.js';
import type { Extent } from '../instrument/landscape.js';
import { surfaceOf } from '../instrument/surface.js';
import type { Trace } from '../instrument/trace.js';
import type { Session } from './session.svelte.js';

export type Ground = ReturnType<typeof groundOf>;

/** A long path is drawn at every so many steps, none of which must be played again. */
const MOST = 400;
const everyOf = ({ steps, every }: Trace) => every * Math.max(1, Math.ceil(steps / MOST / every));

function pathOf(trace: Trace): Float64Array[] {
  const every = everyOf(trace);
  return Array.from({ length: Math.floor(trace.steps / every) + 1 }, (_, k) => trace.at(k * every).params); // prettier-ignore
}

export function groundOf(session: Session) {
  const axes = $derived(session.s.axes);
  const problem = $derived(session.problem);
  const trace = $derived(session.trace);
  const path = $derived(pathOf(trace));
  const step = $derived(Math.floor(session.step / everyOf(trace)));
  /** With two parameters every point lies on the plane, and it need not follow the step. */
  const through = $derived(problem.start.length <= 2 ? problem.start : session.position.params);
  const plane = $derived(planeOf(problem, axes, through, path));
  const flat = $derived(path.map((point) => project(plane, point)));
  const kept = $derived(
    session.keptTrace && pathOf(session.keptTrace).map((point) => project(plane, point)),
  );
  const optimum = $derived.by((): [number, number] | null => {
    const found = session.facts?.optimum;
    if (!found) return null;
    const point = problem.layout.flatMap(({ label }) => [found.params[label]].flat(9) as number[]);
    return project(plane, Float64Array.from(point));
  });
  let before: Extent | null = null;
  const extent = $derived.by(() => {
    const worst = Math.max(trace.losses[0] * 6, 1e-12);
    const every = everyOf(trace);
    const points = flat.filter((_, k) => trace.losses[k * every] <= worst);
    const next = extentOf([...points, ...(optimum ? [optimum, mirror(points[0], optimum)] : [])]);
    // A frame that still fits stays: pictures that jump cannot be compared.
    const fits = (k: 'u' | 'v') => {
      if (!before) return false;
      const [a, b] = before[k];
      const [c, d] = next[k];
      const span = b - a;
      return c >= a - 0.06 * span && d <= b + 0.06 * span && (d - c) / span > 0.4;
    };
    if (!fits('u') || !fits('v')) before = next;
    return before!;
  });
  /** The start seen from the optimum, half way to the other side: the valley is drawn around its middle. */
  const mirror = ([a, b]: [number, number], [c, d]: [number, number]): [number, number] => [
    c + (c - a) * 0.45,
    d + (d - b) * 0.45,
  ];
  const surface = $derived(surfaceOf(problem, plane));
  const gradient = $derived.by(() => {
    const found = new Float64Array(problem.start.length);
    for (const { label, start } of problem.layout) {
      const array = session.snapshot.arrays.get(`d${label}`);
      if (array) found.set(array.data, start);
    }
    return found;
  });
  const arrow = $derived.by((): [number, number] => {
    const origin = new Float64Array(plane.origin.length);
    const away = gradient.map((x) => -session.s.rate * x);
    return project({ ...plane, origin }, away);
  });
  /** The next step itself, where it is another one: that of a method with a memory, or a scale of its own. */
  const next = $derived.by((): [number, number] | null => {
    const { step, method } = session;
    if (method === session.contract.methods[0] || step >= trace.steps) return null;
    const [a, b] = project(plane, session.position.params);
    const [c, d] = project(plane, trace.at(step + 1).params);
    return [c - a, d - b];
  });
  const off = $derived(Math.max(0, ...flat.map((_, k) => (k === step ? 0 : offPlane(plane, path[k]))).filter((_, k) => k % 7 === 0))); // prettier-ignore
  return {
    get plane() { return plane; },
    get path() { return flat; },
    get kept() { return kept; },
    get step() { return step; },
    get optimum() { return optimum; },
    get extent() { return extent; },
    get surface() { return surface; },
    /** The gradient at the step, and where minus the learning rate times it leads on the plane. */
    get gradient() { return gradient; },
    get arrow() { return arrow; },
    get next() { return next; },
    get off() { return off; },
    here: () => project(plane, session.position.params),
    restart(a: number, b: number) {
      before = extent;
      session.restart(pointAt(plane, a, b));
    },
    choose(axes: string[]) {
      before = null;
      session.set({ axes });
    },
  }; // prettier-ignore
}
