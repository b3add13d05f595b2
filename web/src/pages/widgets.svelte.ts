// Draws the widgets of the notes: each [data-widget="room/kind"], when it comes near the reader's view.

import type { Drawn, Room, Rooms } from '../notes/widget.js';
import { fetchScript } from './load.js';

export interface Page {
  theme(): string;
  /** The text of a widget's state in the address; undefined where it has none. */
  text(name: string): string | undefined;
  onstate(name: string, text: string): void;
  /** Told of every widget: how a text of its state is put in, drawn or not. */
  ready(name: string, place: HTMLElement, go: (text: string) => void): void;
}

const known = () => ((globalThis as { chainruleRooms?: Rooms }).chainruleRooms ??= {});
const fetching = new Map<string, Promise<void>>();
/** What is drawn; and the text of every state, as it is or as it was asked for before it was drawn. */
const drawings = new Map<HTMLElement, Drawn>();
const wanted = new Map<HTMLElement, string>();

async function roomOf(name: string): Promise<Room> {
  if (!known()[name]) {
    if (!fetching.has(name)) fetching.set(name, fetchScript(`chainrule-${name}`));
    await fetching.get(name);
  }
  const room = known()[name];
  if (!room) throw new Error(`this page has no room called ${name}`);
  return room;
}

const documentOf = (id: string): unknown => {
  const text = document.getElementById(id)?.textContent;
  if (!text) throw new Error(`there is no <script type="application/json" id="${id}">`);
  return JSON.parse(text);
};

export function drawWidgets(page: Page): void {
  const held = new Map<string, unknown>();
  const shared = (id: string) => {
    if (!held.has(id)) held.set(id, documentOf(id));
    return held.get(id);
  };
  const places = [...document.querySelectorAll<HTMLElement>('[data-widget]')];
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries)
        if (isIntersecting) {
          near.unobserve(target);
          void draw(target as HTMLElement, page, shared);
        }
    },
    { rootMargin: '600px' },
  );
  for (const place of places) {
    // for browsers whose style sheets cannot read an attribute as a length
    place.style.setProperty('--kept', `${place.dataset.wide ?? 0}px`);
    place.style.setProperty('--kept-narrow', `${place.dataset.narrow ?? 0}px`);
    place.replaceChildren();
    near.observe(place);
    page.ready(place.id, place, (text) => {
      wanted.set(place, text);
      drawings.get(place)?.set({ state: text });
      page.onstate(place.id, text);
    });
  }
  // what is printed must be drawn, near or not
  addEventListener('beforeprint', () => {
    for (const place of places)
      if (!place.dataset.drawn) {
        near.unobserve(place);
        void draw(place, page, shared);
      }
  });
}

async function draw(
  place: HTMLElement,
  page: Page,
  shared: (id: string) => unknown,
): Promise<void> {
  if (place.dataset.drawn) return;
  place.dataset.drawn = 'soon';
  const [room = '', kind = ''] = place.dataset.widget!.split('/');
  try {
    const drawer = (await roomOf(room))[kind];
    if (!drawer) throw new Error(`${room} draws no ${kind}`);
    const data = documentOf(`${place.id}-data`);
    const state = wanted.get(place) ?? page.text(place.id) ?? place.dataset.state ?? '';
    wanted.set(place, state);
    const onstate = (text: string) => {
      wanted.set(place, text);
      page.onstate(place.id, text);
    };
    const drawn: Drawn = drawer(place, { data, shared, state, onstate, theme: page.theme() });
    drawings.set(place, drawn);
    $effect.root(() => {
      $effect(() => drawn.set({ theme: page.theme(), state: wanted.get(place) }));
    });
    place.dataset.drawn = 'yes';
  } catch (error) {
    place.dataset.drawn = 'no';
    place.textContent = `This drawing could not be made: ${(error as Error).message}.`;
    throw error;
  }
}
