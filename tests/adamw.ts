/** Training settings that tests start from: one sample a batch, AdamW with PyTorch's defaults, a constant rate. */
import type { Training } from '../sim/family.ts';

export const ADAMW: Training = {
  batch: 1,
  steps: 1,
  optimizer: 'adamw',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  momentum: 0,
  schedule: 'constant',
  warmup: 0,
  hiddenPenalty: 0,
  reduction: 'mean',
  clip: 0,
};
