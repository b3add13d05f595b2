// The extras of an instrument, a script of their own that is fetched when someone asks for them.

import { mount, unmount } from 'svelte';
import type { Component } from 'svelte';
import Extras from '../views/Extras.svelte';
import Graph from '../views/Graph.svelte';
import Phases from '../views/Phases.svelte';
import Solid from '../views/Solid.svelte';
import Why from '../views/Why.svelte';
import type { Extra, Mounted, Workbench } from '../views/workbench.js';

type AnyProps = Record<string, unknown>;
const VIEWS: Record<string, Component<never>> = {
  graph: Graph,
  phases: Phases,
  solid: Solid,
  why: Why,
};

/** Draws a view in a place; its properties are then set from outside. */
export function island(name: string, place: HTMLElement, given: AnyProps): Mounted {
  let now = $state.raw(given);
  const props = {};
  for (const key of Object.keys(given))
    Object.defineProperty(props, key, { get: () => now[key], enumerable: true });
  const app = mount(VIEWS[name] as Component<AnyProps>, { target: place, props });
  return { set: (next) => (now = next), destroy: () => void unmount(app) };
}

/** Opens a dialog. */
export function open(section: Extra, bench: Workbench): void {
  const place = document.createElement('div');
  bench.root.append(place);
  const opener = document.activeElement as HTMLElement | null;
  const app = mount(Extras, {
    target: place,
    props: {
      section,
      bench,
      onclose: () => {
        void unmount(app);
        place.remove();
        opener?.focus();
      },
    },
  });
}
