// The drawings of chapter 8.

import { offer } from '../room.svelte.js';
import Batch from './Batch.svelte';
import Race from './Race.svelte';
import Rates from './Rates.svelte';
import Rules from './Rules.svelte';
import Schedules from './Schedules.svelte';
import Step from './Step.svelte';
import Variants from './Variants.svelte';

offer('optimizers', {
  batch: Batch,
  race: Race,
  rates: Rates,
  rules: Rules,
  schedules: Schedules,
  step: Step,
  variants: Variants,
});
