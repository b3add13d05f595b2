// Linking: whatever shows a value lights up with all others that show it, and leads to the row that makes it.

import type { Session } from './session.svelte.js';

export type Links = ReturnType<typeof linksOf>;

const nodeAt = (event: Event) =>
  (event.target as Element).closest?.('[data-node]')?.getAttribute('data-node') ?? null;

export function linksOf(session: Session, root: () => HTMLElement) {
  /** What is lit: the names of one or several values, with spaces between. */
  let lit = $state.raw<string | null>(null);
  /** Until when it stays lit, whatever scrolls under the pointer. */
  let until = 0;
  $effect(() => {
    if (lit === null) return;
    const scope = root().closest('article') ?? root();
    const names = lit.split(' ').map((name) => `[data-node~="${CSS.escape(name)}"]`);
    const found = scope.querySelectorAll(names.join());
    found.forEach((element) => element.classList.add('lit'));
    return () => found.forEach((element) => element.classList.remove('lit'));
  });
  /** To the row that makes a value; to its box in the graph, if it is given. */
  function go(label: string) {
    const isMade = session.variant.rows.some(({ target }) => target === label);
    if (isMade && !session.s.open.includes(label)) session.toggle(label);
    const name = CSS.escape(label);
    const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
    const show = (tries: number) => {
      const row = root().querySelector(`[data-row="${name}"]`);
      const found = row ?? root().querySelector(`.node[data-node="${name}"]`);
      found?.scrollIntoView({ block: 'nearest', behavior });
      if (found) {
        (row?.querySelector<HTMLElement>('.toggle') ?? (found as HTMLElement)).focus({
          preventScroll: true,
        });
        until = performance.now() + 1500;
        lit = label;
      } else if (tries) {
        // the graph is drawn when one comes near it
        root().querySelector('.model')?.scrollIntoView({ block: 'nearest' });
        setTimeout(show, 60, tries - 1);
      }
    };
    requestAnimationFrame(() => show(50));
  }
  return {
    get lit() { return lit; },
    go,
    light(event: Event) {
      if (performance.now() > until) lit = nodeAt(event);
    },
    dim: () => (lit = null),
    follow(event: Event) {
      const label = nodeAt(event);
      if (label && (event.target as Element).closest('math')) go(label);
    },
  }; // prettier-ignore
}
