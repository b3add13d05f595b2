// What a widget of the notes is. Each room of widgets (a folder of src/notes) is a script of its own, fetched when a page
// first needs it, with its own copy of Svelte: so a widget is told of changes by `set`, never by shared state.

/** What a page lends to a widget. */
export interface Given {
  /** The document that Python prepared for this place. */
  data: unknown;
  /** A document that several widgets of the page use, by its id. */
  shared(id: string): unknown;
  /** The text of its state, from the address or from the lesson. */
  state: string;
  /** Called with the text of its state after every change: it goes into the address. */
  onstate(text: string): void;
}

export interface Drawn {
  set(next: Partial<Given & { theme: string }>): void;
  destroy(): void;
}

/** What the script of a room offers: a function that draws each kind. */
export type Room = Record<string, (place: HTMLElement, given: Given & { theme: string }) => Drawn>;
export type Rooms = Record<string, Room>;
