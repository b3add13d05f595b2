// Linking: whatever shows a value lights up with all others that show it, and leads to the row that makes it.

import type { Session } from './session.svelte.js';

export type Links = ReturnType<typeof linksOf>;

const nodeAt = (event: Event) =>
  (event.target as Element).closest?.('[data-node]')?.getAttribute('data-node') ?? null;

export function linksOf(session: Session, root: () => HTMLElement) {
  let lit = $state.raw<string | null>(null);
  $effect(() => {
    if (lit === null) return;
    const scope = root().closest('article') ?? root();
    const found = scope.querySelectorAll(`[data-node="${CSS.escape(lit)}"]`);
    found.forEach((element) => element.classList.add('lit'));
    return () => found.forEach((element) => element.classList.remove('lit'));
  });
  /** To the row that makes a value. */
  function go(label: string) {
    const row = session.variant.rows.find(({ target }) => target === label);
    if (!row) return;
    if (!session.s.open.includes(row.target)) session.toggle(row.target);
    requestAnimationFrame(() => {
      const element = root().querySelector(`[data-row="${CSS.escape(row.target)}"]`);
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
      element?.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' });
      element?.querySelector<HTMLElement>('.toggle')?.focus({ preventScroll: true });
    });
  }
  return {
    get lit() { return lit; },
    go,
    light: (event: Event) => (lit = nodeAt(event)),
    dim: () => (lit = null),
    follow(event: Event) {
      const label = nodeAt(event);
      if (label && (event.target as Element).closest('math')) go(label);
    },
  }; // prettier-ignore
}
