// What a drawing of this room is given, and the parts of the page's contract that most of them read.

import type { Contract, Row } from '../../contract.js';
import type { Tape } from '../../runtime/format.js';
import { extentOf } from '../../instrument/landscape.js';
import type { Extent } from '../../instrument/landscape.js';
import { columnsOf } from './core.js';
import type { Arrays } from './core.js';

/** As in ../widget.ts, which knows the page. */
export interface Props {
  data: unknown;
  shared(id: string): unknown;
  state: string;
  onstate(text: string): void;
  theme: string;
}

/** The page's own contract. */
export const contractOf = ({ data, shared }: Pick<Props, 'data' | 'shared'>): Contract =>
  shared((data as { contract: string }).contract) as Contract;

/** The examples of a contract: two columns of features, and labels. */
export function examplesOf(contract: Contract, arrays: Arrays = contract.data.arrays) {
  const points = columnsOf(arrays[contract.features!]);
  const [labels] = columnsOf(arrays[contract.target!]);
  const extent: Extent = extentOf(
    Array.from(points[0], (x, i) => [x, points[1][i]] as const),
    0.1,
  );
  return { points, labels, extent };
}

/** A kind of hidden layer: its tape and the rows of its derivation. */
export interface Kind {
  tape: Tape;
  rows: Row[];
}

export const HIDDEN = [
  ['sigmoid', 'sigmoid'],
  ['tanh', 'tanh'],
  ['relu', 'ReLU'],
] as const;

/** The kind of hidden layer by its name; the first is the contract's own. */
export function kindOf(
  contract: Contract,
  props: Pick<Props, 'data' | 'shared'>,
  name: string,
): Kind {
  const { hidden } = props.data as { hidden: string };
  const others = props.shared(hidden) as Record<string, Kind>;
  return others[name] ?? contract.variants[0];
}

/** Values in the units of the data, where the contract knows them. */
export function inUnits(contract: Contract): (axis: number, value: number) => number {
  const { features, units } = contract.data;
  return (axis, value) => {
    const unit = units[features[axis]];
    return unit ? value * unit.deviation + unit.mean : value;
  };
}
