// The room of the pages on logistic regression and on the two-layer perceptron.

import { offer } from '../room.svelte.js';
import Boundary from './Boundary.svelte';
import Cells from './Cells.svelte';
import Check from './Check.svelte';
import Classes from './Classes.svelte';
import Collapse from './Collapse.svelte';
import Matrices from './Matrices.svelte';
import Network from './Network.svelte';
import Nodes from './Nodes.svelte';
import Overfit from './Overfit.svelte';
import Overflow from './Overflow.svelte';
import Squared from './Squared.svelte';
import Starts from './Starts.svelte';

offer('classify', {
  boundary: Boundary,
  cells: Cells,
  check: Check,
  classes: Classes,
  collapse: Collapse,
  matrices: Matrices,
  network: Network,
  nodes: Nodes,
  overfit: Overfit,
  overflow: Overflow,
  squared: Squared,
  starts: Starts,
});
