/** A figure that is done: what is stored of it, and what the pages say of it. */
import type { EngineReport } from '../sim/engine.ts';
import type { Claim, Experiment, Scale } from '../sim/experiments/experiment.ts';

/** What is stored of a finished figure, as `<name>.json`: enough to draw it again. */
export interface Entry {
  name: string;
  scale: Scale;
  hash: string; // of package version, scale, specs and revision
  engine: EngineReport | null; // null when nothing was trained
  models: number;
  diverged: number; // models whose loss stopped being finite
  seconds: number;
  date: string; // YYYY-MM-DD
  size: { width: number; height: number }; // of the picture, CSS pixels
  claims: Claim[];
  data: unknown;
}

/** An entry, the experiment it belongs to, and whether its SVG and PNG exist. */
export type Finished = Entry & { experiment: Experiment; pictured: boolean };
