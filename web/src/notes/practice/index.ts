// Chapter 9: exercises; and pages of certain exercises for learning management systems.

import { offer } from '../room.svelte.js';
import Exercises from './Exercises.svelte';
import Sheet from './Sheet.svelte';

offer('practice', { exercises: Exercises, sheet: Sheet });
