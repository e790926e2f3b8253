/** D4: norms of W and b over the size of the training set, beside the codes of least norm. */
import { median } from '../metrics/replicas.ts';
import { polygonCode } from '../theory/memorise.ts';
import { near, noted, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';
import { bySize, type Memory, mainSpecs, memoriesOf } from './memorising.ts';

export interface NormsData {
  memories: Memory[];
  exact: { samples: number; normW: number; normB: number }[]; // least norms that store T orthogonal samples
}

const STORED = 1e-3; // training loss of a model that has stored all its samples

function signature({ memories, exact }: NormsData): Claim[] {
  const sizes = bySize(memories);
  const middle = (pick: (own: Memory) => number) =>
    sizes.map(([T, own]) => [T, median(own.map(pick))] as [number, number]);
  const small = (norms: [number, number][]) =>
    norms.filter(([T]) => T >= 5 && T <= 10).map(([, value]) => value);
  const rises = (values: number[]) => values.every((value, k) => k === 0 || value > values[k - 1]);
  const [W, b] = [middle(({ normW }) => normW), middle(({ normB }) => normB)];
  const ratios = memories.flatMap((own) => {
    const least = exact.find(({ samples }) => samples === own.samples && samples >= 5);
    return own.train < STORED && least ? [own.normW / least.normW] : [];
  });
  const peak = W.reduce((top, own) => (own[1] > top[1] ? own : top));
  const last = W[W.length - 1];
  return [
    statement(
      'models that store all their samples (training loss below 0.001) have at least the least norm: smallest ratio of ‖W‖',
      'exact, for orthogonal samples',
      'at least 1, of T = 5 and more',
      ratios.length ? `${Math.min(...ratios).toFixed(3)} of ${ratios.length} models` : 'none',
      ratios.length > 0 && Math.min(...ratios) >= 1,
    ),
    statement(
      '‖W‖ and ‖b‖ rise from T = 5 to T = 10',
      'DD',
      'rising medians',
      `${small(W)
        .map((value) => value.toFixed(2))
        .join(', ')}; ${small(b)
        .map((value) => value.toFixed(2))
        .join(', ')}`,
      rises(small(W)) && rises(small(b)),
    ),
    near(
      `T = ${last[0]}: ‖W‖ has come down to that of five unit vectors`,
      'DD; 15 %',
      last[1],
      Math.sqrt(5),
      0.15 * Math.sqrt(5),
    ),
    noted(
      statement(
        '‖W‖ peaks near T = 30',
        'DD',
        'T = 15 to 50',
        `T = ${peak[0]}, ‖W‖ = ${peak[1].toFixed(1)}`,
        peak[0] >= 15 && peak[0] <= 50,
      ),
      'no independent run sees this: norms go on rising until just before the features appear (peak at T = 2,000 to 5,000 for n = 10,000)',
    ),
  ];
}

export const ddNorms: Experiment<NormsData> = {
  name: 'dd-norms',
  id: 'D4',
  paper: 'double-descent',
  section: 'Memorising and generalising',
  title: 'Norms of weights and biases',
  caption:
    '‖W‖ and ‖b‖ over the size T of the training set, a dot a model. Black: the least norms that store T orthogonal ' +
    'samples in two dimensions, √(T/(1 − ρ)) and √T ρ/(1 − ρ) with ρ = cos 2π/T. Beyond the smallest polygons models ' +
    'drop samples instead of paying for them. Dashed: √5.',
  seconds: { quick: 5, paper: 20 },
  specs: mainSpecs,
  data: async ([main], context) => ({
    memories: await memoriesOf(main, context),
    exact: [5, 6, 8, 10, 15, 30, 50, 100].map((samples) => ({ samples, ...polygonCode(samples) })),
  }),
  signature,
};
