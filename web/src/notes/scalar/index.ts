// The drawings of chapter 5: an operation at a place, all operations, graphs of boxes, a program built piece by piece.

import { offer } from '../room.svelte.js';
import Atlas from './Atlas.svelte';
import Boxes from './Boxes.svelte';
import Code from './Code.svelte';
import Single from './Single.svelte';

offer('scalar', { atlas: Atlas, boxes: Boxes, code: Code, operation: Single });
