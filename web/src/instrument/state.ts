// The state of an instrument: one plain object that says everything, and its text in the address of the
// page. What is as the contract has it takes no room there; every number comes back to the last bit.

import type { Contract, Variant } from '../contract.js';
import { UNCHANGED, columns, isUnchanged } from './data.js';
import type { Edits } from './data.js';

export interface RunChoice {
  method: string;
  rate: number;
  batchSize: number | null;
}

export interface State extends RunChoice {
  edits: Edits;
  convention: Variant['convention'];
  examples: Variant['examples'];
  seed: number;
  /** All parameters in a row, in the layout of the first variant; null for those of the seed. */
  start: number[] | null;
  steps: number;
  step: number;
  /** A run to compare with: same data, same start. */
  kept: RunChoice | null;
  /** Targets of the rows that are open. */
  open: string[];
  /** Two entries such as "W1[0, 0]", or "path" (principal directions), "random". */
  axes: string[];
  surface: boolean;
  /** Which way the graph is differentiated. */
  mode: 'reverse' | 'forward';
  /** The entry that the update and forward mode are told for; "" for the landscape's first axis. */
  entry: string;
  /** Whether the phases of the next step are shown. */
  inside: boolean;
  language: 'numpy' | 'jax' | 'torch' | 'js';
  present: boolean;
  /** Steps a second, when it plays. */
  speed: number;
  /** How the surface is turned: azimuth and tilt. */
  turn: number[];
  /** Cells that were chosen in open rows, such as "dW1:3", and rows whose finite differences are shown. */
  cells: string[];
  checks: string[];
  /** Controls that a teacher took away. */
  locks: string[];
}

/** What a teacher may take away. */
export const CONTROLS = {
  data: 'changing the data',
  landscape: 'starting from the landscape',
  rate: 'the learning rate',
  batch: 'the batch size',
  method: 'the method',
  seed: 'seed and start',
  steps: 'the number of steps',
  speed: 'the speed',
  convention: 'the convention',
  compare: 'comparing runs',
  fit: 'the data and their fit',
  axes: 'other axes and 3-D',
  descent: 'the descent',
  derivation: 'the derivation',
  graph: 'the graph',
  numbers: 'the numbers of the derivation',
  code: 'the code',
  exports: 'code, pictures and run to take away',
  present: 'large type',
} as const;

/** Steps a second. */
export const SPEEDS = [1, 4, 12, 40, 200];

/** The state that a contract opens with. */
export function initial(contract: Contract): State {
  const { start, variants, methods } = contract;
  const method = methods.find(({ key }) => key === start.method) ?? methods[0];
  return {
    edits: UNCHANGED,
    convention: variants[0].convention,
    examples: variants[0].examples,
    seed: start.seed,
    start: null,
    method: method.key,
    rate: method.learningRate,
    batchSize: start.batchSize,
    steps: start.steps,
    step: 0,
    kept: null,
    open: [],
    axes: [],
    surface: false,
    mode: 'reverse',
    entry: '',
    inside: false,
    language: 'numpy',
    present: false,
    speed: SPEEDS[2],
    turn: [-0.6, 0.62],
    cells: [],
    checks: [],
    locks: [],
  };
}

const number = (x: number) => (Object.is(x, -0) ? '-0' : String(x));
const numbers = (list: number[]) => list.map(number).join(',');
const table = (rows: number[][]) => rows.map(numbers).join(';');
const readNumbers = (text: string) => (text === '' ? [] : text.split(',').map(readNumber));
const readTable = (text: string) => (text === '' ? [] : text.split(';').map(readNumbers));

function readNumber(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`"${text}" is not a number`);
  return value;
}

const readRun = (text: string): RunChoice => {
  const [method, rate, batch] = text.split(',');
  return { method, rate: readNumber(rate), batchSize: batch ? readNumber(batch) : null };
};

/** A table with more rows stays out of the address: no browser would take it. */
export const MOST_ROWS = 2000;
const clean = (name: string) => name.replace(/[|,;]/g, ' ').trim();

/** A field in the address: its name there, its text, and back. */
interface Field {
  write(state: State): string;
  read(text: string): Partial<State>;
}

const word = <K extends keyof State>(key: K): Field => ({
  write: (state) => String(state[key]),
  read: (text) => ({ [key]: text }) as Partial<State>,
});
const count = <K extends keyof State>(key: K): Field => ({
  write: (state) => number(state[key] as number),
  read: (text) => ({ [key]: readNumber(text) }) as Partial<State>,
});
const flag = <K extends keyof State>(key: K): Field => ({
  write: (state) => (state[key] ? '1' : '0'),
  read: (text) => ({ [key]: text === '1' }) as Partial<State>,
});
const words = <K extends keyof State>(key: K): Field => ({
  write: (state) => (state[key] as string[]).join(';'),
  read: (text) => ({ [key]: text === '' ? [] : text.split(';') }) as Partial<State>,
});

const FIELDS: Record<string, Field> = {
  convention: word('convention'),
  examples: word('examples'),
  seed: count('seed'),
  start: {
    write: ({ start }) => (start ? numbers(start) : ''),
    read: (text) => ({ start: text === '' ? null : readNumbers(text) }),
  },
  method: word('method'),
  rate: count('rate'),
  batch: {
    write: ({ batchSize }) => (batchSize === null ? 'all' : number(batchSize)),
    read: (text) => ({ batchSize: text === 'all' ? null : readNumber(text) }),
  },
  steps: count('steps'),
  step: count('step'),
  kept: {
    write: ({ kept }) =>
      kept ? `${kept.method},${number(kept.rate)},${kept.batchSize ?? ''}` : '',
    read: (text) => ({ kept: text === '' ? null : readRun(text) }),
  },
  open: words('open'),
  axes: words('axes'),
  surface: flag('surface'),
  mode: word('mode'),
  entry: word('entry'),
  inside: flag('inside'),
  code: word('language'),
  present: flag('present'),
  speed: count('speed'),
  turn: {
    write: ({ turn }) => numbers(turn),
    read: (text) => ({ turn: readNumbers(text) }),
  },
  cells: words('cells'),
  checks: words('checks'),
  locks: words('locks'),
};

const DATA: Record<string, { write(edits: Edits): string; read(text: string): Partial<Edits> }> = {
  own: {
    write: ({ own }) => {
      if (!own || own.rows.length > MOST_ROWS) return '';
      const named = own.columns.map(({ name }) => clean(name));
      const units = own.columns.map(({ mean, deviation }) => [mean, deviation]);
      return [clean(own.name), named.join(','), table(units), table(own.rows)].join(' | ');
    },
    read: (text) => {
      const [name, named, units, rows] = text.split(' | ');
      const [names, numbers] = [named.split(','), readTable(units)];
      const columns = names.map((one, k) => ({
        name: one,
        mean: numbers[k][0],
        deviation: numbers[k][1],
      }));
      return { own: { name, columns, rows: readTable(rows) } };
    },
  },
  moved: {
    write: ({ moved }) => table(moved.map(({ at, row }) => [at, ...row])),
    read: (text) => ({ moved: readTable(text).map(([at, ...row]) => ({ at, row })) }),
  },
  removed: {
    write: ({ removed }) => numbers(removed),
    read: (text) => ({ removed: readNumbers(text) }),
  },
  added: {
    write: ({ added }) => table(added),
    read: (text) => ({ added: readTable(text) }),
  },
};

const encode = (text: string) =>
  encodeURIComponent(text).replace(/%(2C|3B|5B|5D|2B|3A|20)/g, (code) =>
    code === '%20' ? '%20' : decodeURIComponent(code),
  );

/** The text of a state, without "#"; "" for the state that the contract opens with. */
export function write(contract: Contract, state: State): string {
  const before = initial(contract);
  const found: string[] = [];
  for (const [key, field] of Object.entries(FIELDS)) {
    const text = field.write(state);
    if (text !== field.write(before)) found.push(`${key}=${encode(text)}`);
  }
  if (!isUnchanged(state.edits))
    for (const [key, field] of Object.entries(DATA)) {
      const text = field.write(state.edits);
      if (text !== '') found.push(`${key}=${encode(text)}`);
    }
  return found.join('&');
}

/** The state of a text. What is not known or cannot be read is left as the contract has it. */
export function read(contract: Contract, text: string): State {
  const state = initial(contract);
  let edits: Edits = UNCHANGED;
  for (const part of text.replace(/^#/, '').split('&')) {
    const cut = part.indexOf('=');
    if (cut < 0) continue;
    const [key, value] = [part.slice(0, cut), part.slice(cut + 1)];
    try {
      const plain = decodeURIComponent(value);
      if (Object.hasOwn(FIELDS, key)) Object.assign(state, FIELDS[key].read(plain));
      else if (Object.hasOwn(DATA, key)) edits = { ...edits, ...DATA[key].read(plain) };
    } catch {
      continue; // a cut or mistyped link opens with what is left of it
    }
  }
  return sensible(contract, {
    ...state,
    edits: isUnchanged(edits) ? edits : whole(contract, edits),
  });
}

/** What stays as it is when a lesson sets an instrument up: how a teacher or the reader looks at the page. */
const STAYS = /^(convention|examples|code|present|speed|locks|open|surface|mode|entry|inside|turn|cells|checks)=/; // prettier-ignore
const keyOf = (part: string) => part.slice(0, part.indexOf('='));

/**
 * The state that a step of a lesson asks for. Locks, large type, the reader's data, what is open, the convention, the
 * layout and the language stay, unless the text names them; a step may set what is locked, since the lesson needs it. All else is as
 * the text says, or as the contract has it.
 */
export function guided(contract: Contract, now: State, text: string): State {
  const named = text.split('&').map(keyOf);
  const before = write(contract, { ...now, edits: UNCHANGED }).split('&');
  const kept = before.filter((part) => STAYS.test(part) && !named.includes(keyOf(part)));
  const next = read(contract, [...kept, text].join('&'));
  return named.some((key) => Object.hasOwn(DATA, key)) ? next : { ...next, edits: now.edits };
}

/** Edits without rows that are no rows of this model. */
function whole(contract: Contract, { own, moved, removed, added }: Edits): Edits {
  const width = columns(contract).length;
  const fits = (row: number[]) => row.length === width && row.every(Number.isFinite);
  const isTable = own?.columns.length === width && own.rows.every(fits);
  return {
    own: isTable ? own : null,
    moved: moved.filter(({ row }) => fits(row)),
    removed: removed.filter(Number.isInteger),
    added: added.filter(fits),
  };
}

/** A state with what the contract does not know put right. */
function sensible(contract: Contract, state: State): State {
  const { variants, methods } = contract;
  const before = initial(contract);
  const known = (key: string) => methods.some((method) => method.key === key);
  if (!known(state.method)) state = { ...state, method: before.method, rate: before.rate };
  if (state.kept && !known(state.kept.method)) state = { ...state, kept: null };
  const written = variants.some(
    ({ convention, examples }) => convention === state.convention && examples === state.examples,
  );
  if (!written) state = { ...state, convention: before.convention, examples: before.examples };
  const whole = (x: number, low: number, high: number, otherwise: number) =>
    Number.isFinite(x) ? Math.min(Math.max(Math.round(x), low), high) : otherwise;
  const steps = whole(state.steps, 1, 100_000, before.steps);
  return {
    ...state,
    steps,
    step: whole(state.step, 0, steps, 0),
    speed: SPEEDS.includes(state.speed) ? state.speed : before.speed,
    turn: state.turn.length === 2 && state.turn.every(Number.isFinite) ? state.turn : before.turn,
    mode: state.mode === 'forward' ? 'forward' : 'reverse',
    seed: whole(state.seed, 0, 2 ** 31 - 1, before.seed),
    rate: state.rate > 0 && Number.isFinite(state.rate) ? state.rate : before.rate,
    batchSize: state.batchSize === null ? null : whole(state.batchSize, 1, 1e9, 1),
  };
}
