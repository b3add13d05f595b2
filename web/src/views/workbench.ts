// What an instrument lends to its extras: its state, what it computed, and where it is drawn.

import type { Contract, Variant } from '../contract.js';
import type { Column } from '../instrument/data.js';
import type { State } from '../instrument/state.js';

export type Extra = 'data' | 'take' | 'teach';

export interface Workbench {
  contract: Contract;
  columns: Column[];
  root: HTMLElement;
  state(): State;
  set(change: Partial<State>): void;
  variant(): Variant;
  /** The whole run, ready for JSON, once it is recorded. */
  run(): Promise<unknown>;
  /** The address of the page with a state. */
  link(state: State): string;
}

/** A view that lives in the script of the extras. */
export interface Mounted {
  set(props: Record<string, unknown>): void;
  destroy(): void;
}

/** What the script of the extras offers. */
export interface Extras {
  open(section: Extra, bench: Workbench): void;
  island(name: string, place: HTMLElement, props: Record<string, unknown>): Mounted;
}
export type Load = () => Promise<Extras>;
