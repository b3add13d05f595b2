// The state of a widget: read from the page, again whenever a link of the lesson sets it, and told to the page after every change.

import { untrack } from 'svelte';
import { format, parse } from './state.js';
import type { Fields } from './state.js';

export class Kept {
  fields: Fields = $state.raw({});
  readonly #tell: (text: string) => void;

  /** Made while a component is, for it follows what the page says. */
  constructor(text: () => string, tell: (text: string) => void) {
    this.fields = parse(untrack(text));
    this.#tell = tell;
    $effect(() => {
      const given = text();
      untrack(() => (this.fields = parse(given)));
    });
  }

  /** Change some fields; undefined leaves one to its default. */
  readonly set = (changes: Record<string, string | undefined>): void => {
    const next = Object.entries({ ...this.fields, ...changes });
    this.fields = Object.fromEntries(next.filter((e): e is [string, string] => e[1] !== undefined));
    this.#tell(format(this.fields));
  };
}
