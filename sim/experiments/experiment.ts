/**
 * An experiment is one figure of a paper: the models to train at two scales, the plain data the figure shows,
 * and its signature, the quantitative claims that the data must bear out. Its picture is made in plots/figures.
 */
import type { Choice } from '../engines.ts';
import type { TrainedModels } from '../join.ts';
import type { SpecInput } from '../spec.ts';
import type { PaperName } from './papers.ts';
import type { ClaimSource, Evidence } from './verdict.ts';

/** quick: a look within minutes. paper: the settings of the paper or of its released notebook. */
export type Scale = 'quick' | 'paper';
export const SCALES: readonly Scale[] = ['quick', 'paper'];

/** Models of a figure: rows of its spec number `spec`. */
interface ModelRows {
  spec: number;
  rows: number[];
}

/** One claim of a figure, and what our models say to it. Whose it is and the verdict follow from it (verdict.ts). */
export interface Claim {
  text: string; // what is claimed
  expected: string; // the number or shape, with its tolerance
  source: ClaimSource; // whose it is, a name of SOURCES, then whose its tolerance is
  where?: string; // place in the text; absent = the section of the figure
  measured: string;
  holds: boolean;
  note?: string; // why it cannot hold at this scale, or where paper and mathematics disagree
  evidence?: Evidence[]; // numbers that settle it where it does not hold
  models?: ModelRows; // those that decided it
}

/** What an experiment may use beside its trained models. */
export interface Context {
  scale: Scale;
  engine: Choice; // for held-out losses and further passes over trained models
  threads: number; // 0 = all cores
  signal?: AbortSignal;
}

/** Data is JSON-able: plain objects, numbers, strings and number[]; NaN is stored as null. */
export interface Experiment<Data = unknown> {
  name: string; // kebab-case, the file names of its figure
  id: string; // its number in our inventory of the papers, 'T6'
  paper: PaperName;
  section: string; // the paper's section, a heading of the gallery
  title: string;
  caption: string; // what is drawn and what to look for
  /** Expected time on two idle cores, without models that an earlier figure of the same run has trained already. */
  seconds: Record<Scale, number>;
  /** Raised when `data` changes in what it stores, so that stored figures are made anew; absent = 0. */
  revision?: number;
  /** The sweeps to train, in the order in which `data` gets their results; [] for pure theory. */
  specs(scale: Scale): SpecInput[];
  data(results: TrainedModels[], context: Context): Data | Promise<Data>;
  signature(data: Data, scale: Scale): Claim[];
}
