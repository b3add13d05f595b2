// The picture of a terrain: which plane is drawn, its frame, and where runs lie on it.

import { extentOf, offPlane, planeOf, pointAt, project } from '../../instrument/landscape.js';
import type { Extent, Plane } from '../../instrument/landscape.js';
import { surfaceOf } from '../../instrument/surface.js';
import type { Surface } from '../../instrument/surface.js';
import type { Run, Terrain } from './model.js';

export interface Picture {
  plane: Plane;
  extent: Extent;
  surface: Surface;
  names: [string, string];
  optimum: [number, number] | null;
  /** The parameters at a place of the picture. */
  at(a: number, b: number): Float64Array;
  /** How far the runs leave the plane, 0 to 1. */
  off: number;
}

const MOST = 300;

/** The path of a run on a plane, thinned to what a picture can show, and the entry of a step in it. */
export function pathOf(plane: Plane, run: Run): { points: [number, number][]; every: number } {
  const every = Math.max(1, Math.ceil(run.steps / MOST));
  const points: [number, number][] = [];
  for (let k = 0; k <= run.steps; k += every) points.push(project(plane, run.params(k)));
  return { points, every };
}

export function pictureOf(terrain: Terrain, runs: Run[], through: Float64Array): Picture {
  const { problem, axes, view } = terrain;
  const free = axes.length === 0;
  const path = runs.flatMap((run) =>
    Array.from({ length: 12 }, (_, k) => run.params((run.steps * k) / 11)),
  );
  const plane = planeOf(problem, free ? ['path'] : axes, through, path);
  const best = terrain.optimum ? project(plane, Float64Array.from(terrain.optimum)) : null;
  const points = runs.flatMap((run) => pathOf(plane, run).points.filter((_, k) => run.losses[k] <= run.losses[0] * 3)); // prettier-ignore
  const extent = view ? { u: view[0], v: view[1] } : extentOf([...points, ...(best ? [best, mirrored(points[0], best)] : [])]); // prettier-ignore
  return {
    plane,
    extent,
    surface: surfaceOf(problem, plane),
    names: plane.names,
    optimum: best,
    at: (a, b) => pointAt(plane, a, b),
    off: Math.max(0, ...path.map((point) => offPlane(plane, point))),
  };
}

/** The start seen from the optimum, half way to the other side: the valley is drawn around its middle. */
const mirrored = ([a, b]: [number, number], [c, d]: [number, number]): [number, number] => [
  c + (c - a) * 0.45,
  d + (d - b) * 0.45,
];
