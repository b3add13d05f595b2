// What the index of a room does: it offers its components to the page, which draws them.

import { mount, unmount } from 'svelte';
import type { Component } from 'svelte';
import type { Drawn, Given, Room, Rooms } from './widget.js';

type All = Given & { theme: string };

/** Properties that follow what the page sets later, such as the theme. */
function following(given: All): { props: Record<string, unknown>; set: Drawn['set'] } {
  let now = $state.raw(given);
  const props = {};
  for (const key of Object.keys(given) as (keyof All)[])
    Object.defineProperty(props, key, { get: () => now[key], enumerable: true });
  return { props, set: (next) => (now = { ...now, ...next }) };
}

/** Offers components, by the kinds that lessons name: "room/kind". Their properties are those of `Given`, and the theme. */
export function offer(name: string, components: Record<string, Component<never>>): void {
  const room: Room = {};
  for (const [kind, component] of Object.entries(components))
    room[kind] = (place, given) => {
      const { props, set } = following(given);
      const target = { target: place, props };
      const app = mount(component as Component<Record<string, unknown>>, target);
      return { set, destroy: () => void unmount(app) };
    };
  ((globalThis as { chainruleRooms?: Rooms }).chainruleRooms ??= {})[name] = room;
}
