/** D11: "pressure": more features for each hidden dimension, and longer training, make cleaner polytopes. */
import type { TrainedModels } from '../join.ts';
import { featureDimensionality } from '../metrics/dimensionality.ts';
import { shareOnLines } from '../metrics/lines.ts';
import type { SpecInput } from '../spec.ts';
import { statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { mean } from './memorising.ts';

/** What models of one density, pressure and length of training look like. */
export interface Pressed {
  density: number;
  pressure: number; // n/m
  steps: number;
  learned: number; // features with D_i above 0.1, mean over models
  uneven: number; // standard deviation of their D_i over the mean, mean over models; 0 = all corners alike
  lines: number; // share of their D_i within 0.005 of the share of a named shape
}

export interface PressureData {
  cells: Pressed[];
}

const HIDDEN = 4;
const LEARNED = 0.1;
const NEAR = 0.005;
const DENSITIES = [0.5, 0.1];
const PRESSURES = [1.25, 1.5, 2, 4, 8, 16];
const STEPS: Record<Scale, number[]> = { quick: [500, 2000, 8000], paper: [2000, 10_000, 50_000] };
const MODELS: Record<Scale, number> = { quick: 8, paper: 40 };

/** Densities, then lengths of training. */
const waysOf = (scale: Scale) =>
  DENSITIES.flatMap((density) => STEPS[scale].map((steps) => ({ density, steps })));

const specOf = (scale: Scale, density: number, steps: number): SpecInput => ({
  model: { features: HIDDEN + 1, hidden: HIDDEN },
  input: { density },
  training: { steps, batch: 256, learningRate: 5e-3, schedule: 'cosine', weightDecay: 0 },
  sweep: [{ path: 'model.features', values: PRESSURES.map((ratio) => ratio * HIDDEN) }],
  replicas: MODELS[scale],
});

/** Standard deviation over mean. */
function unevenness(shares: Float64Array): number {
  const middle = mean([...shares]);
  return Math.sqrt(mean([...shares].map((share) => (share - middle) ** 2))) / middle;
}

function cellsOf({ groups, spec }: TrainedModels, density: number): Pressed[] {
  return groups.map(({ params, problem: { family }, rows }) => {
    const n = family.features;
    const D = featureDimensionality(params, family);
    const models = Array.from(rows, (_, i) => D.slice(i * n, (i + 1) * n).filter((d) => d > LEARNED));
    return {
      density,
      pressure: n / HIDDEN,
      steps: spec.training.steps,
      learned: mean(models.map((own) => own.length)),
      uneven: mean(models.map(unevenness)),
      lines: shareOnLines(
        D.filter((d) => d > LEARNED),
        NEAR,
      ),
    };
  });
}

function signature({ cells }: PressureData): Claim[] {
  const [dense, sparse] = [...new Set(cells.map(({ density }) => density))];
  const steps = [...new Set(cells.map((cell) => cell.steps))];
  const of = (density: number, length: number) =>
    cells.filter((cell) => cell.density === density && cell.steps === length);
  const lines = steps.map((length) => mean(of(dense, length).map((cell) => cell.lines)));
  const ends = [dense, sparse].map((density) => {
    const own = of(density, steps.at(-1)!);
    return [own[0].uneven, own.at(-1)!.uneven];
  });
  const pressed = of(sparse, steps.at(-1)!).at(-1)!.pressure;
  const text = ends.map(([low, high], k) => `1 − S = ${[dense, sparse][k]}: ${low.toFixed(3)} to ${high.toFixed(3)}`); // biome-ignore format: one line
  return [
    statement(
      `longer training makes cleaner polytopes: share of D_i within ${NEAR} of a named shape, at 1 − S = ${dense}`,
      'TMS, a comment by Henighan and Olah; measure ours',
      'rising with every length',
      steps.map((length, k) => `${length} steps: ${lines[k].toFixed(2)}`).join('; '),
      lines.every((share, k) => k === 0 || share > lines[k - 1]),
    ),
    statement(
      `so do more features for each dimension: unevenness of D_i from n/m = ${cells[0].pressure} to ${pressed}, longest training`,
      'TMS, a comment by Henighan and Olah; measure ours',
      'falling, at either density',
      text.join('; '),
      ends.every(([low, high]) => high < low),
    ),
    statement(
      'the more so where features are sparse: factor by which it falls',
      'TMS, a comment by Henighan and Olah; measure ours',
      'larger at the lower density',
      `${ends.map(([low, high]) => (low / high).toFixed(1)).join(' dense, ')} sparse`,
      ends[1][0] / ends[1][1] > ends[0][0] / ends[0][1],
    ),
  ];
}

export const ddPressure: Experiment<PressureData> = {
  name: 'dd-pressure',
  id: 'D11',
  paper: 'double-descent',
  section: 'Repeated samples and scales',
  title: 'Pressure makes clean polytopes',
  caption:
    'Models with four hidden dimensions on fresh samples, over the number of features for each dimension, at three lengths ' +
    'of training. Left pair: unevenness of the shares D_i of the learned features, 0 where all are corners of one regular ' +
    'shape. Right pair: share of features within 0.005 of the share of a named shape; sparse features under pressure make ' +
    'even shapes that have no name in the paper.',
  seconds: { quick: 6, paper: 400 },
  specs: (scale) => waysOf(scale).map(({ density, steps }) => specOf(scale, density, steps)),
  data: (results, { scale }) => ({
    cells: waysOf(scale).flatMap(({ density }, k) => cellsOf(results[k], density)),
  }),
  signature,
};
