// The race of chapter 0.

import { offer } from '../room.svelte.js';
import Race from './Race.svelte';

offer('search', { race: Race });
