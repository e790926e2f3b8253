/** D3: test loss, feature and sample dimensionality over the size of the training set. */
import { median } from '../metrics/replicas.ts';
import { constantLoss, storageFloor } from '../theory/memorise.ts';
import { near, noted, shareAtLeast, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';
import { bySize, hasFive, LARGE, type Memory, mainSpecs, mean, memoriesOf, SMALL } from './memorising.ts';

export interface CurveData {
  memories: Memory[];
  large: Memory[]; // of the paper's own size; none at quick scale
  constant: number; // exact test loss of the best constant output
  floor: number; // and with five features stored perfectly
  constantLarge: number;
}

/** Five features of large share in most models of a size. */
const mostHaveFive = (own: Memory[]) => own.filter(hasFive).length > own.length / 2;

/** Test losses of a size for people: mean, and what a mean of heavy tails hides. */
const spread = (own: Memory[]) => {
  const test = own.map((model) => model.test);
  return `mean ${mean(test).toFixed(3)}, median ${median(test).toFixed(3)}, largest ${Math.max(...test).toFixed(3)}`;
};

function bumpClaim(sizes: [number, Memory[]][]): Claim {
  const height = ([, own]: [number, Memory[]]) => mean(own.map(({ test }) => test));
  const middle = sizes.filter(([T]) => T >= 50 && T <= 2000);
  const top = middle.reduce((best, own) => (height(own) > height(best) ? own : best));
  const [first, last] = [height(sizes.find(([T]) => T === 50)!), height(sizes[sizes.length - 1])];
  return noted(
    statement(
      'double descent: between small and large sets the mean test loss rises above both sides, and above 1.01',
      'DD',
      'above 1.01, T = 50 and the largest T',
      `T = ${top[0]}: ${spread(top[1])}; T = 50: ${first.toFixed(3)}, last: ${last.toFixed(3)}`,
      height(top) > Math.max(1.01, first, last),
    ),
    'Jermyn sees up to 5,000; the height depends on how long training goes on (D6)',
  );
}

function sharesClaims(sizes: [number, Memory[]][]): Claim[] {
  const polygons = sizes.filter(([T]) => T === 5 || T === 6).flatMap(([, own]) => own);
  const stored = sizes
    .filter(([T]) => T <= 500)
    .map(([T, own]) => [T, mean(own.map(({ total }) => total)) / 2] as const);
  const off = stored.reduce((worst, own) => (Math.abs(own[1] - 1) > Math.abs(worst[1] - 1) ? own : worst));
  return [
    noted(
      shareAtLeast(
        'T = 5 and 6: the samples make a regular polygon, every D_X within 15 % of 2/T',
        'DD; tolerance ours',
        polygons.filter(({ regular }) => regular).length,
        polygons.length,
        0.75,
      ),
      'two samples that share a feature (10 % of pairs at this size) break it',
    ),
    noted(
      near('mean D_X of samples is 2/T up to T = 500: worst ratio to it', 'DD', off[1], 1, 0.05),
      `at T = ${off[0]}; a sample that is dropped has none`,
    ),
  ];
}

function signature({ memories, constant, floor }: CurveData): Claim[] {
  const sizes = bySize(memories);
  const [T, last] = sizes[sizes.length - 1];
  const onset = sizes.find(([, own]) => mostHaveFive(own))?.[0] ?? Number.NaN;
  const test = mean(last.map((own) => own.test));
  return [
    ...sharesClaims(sizes),
    bumpClaim(sizes),
    statement(
      `T = ${T}: exactly five features have D_f of at least 0.15, in every model`,
      'DD; bound between the five and the rest ours',
      `${last.length} of ${last.length}`,
      `${last.filter(hasFive).length} of ${last.length}; sixth at most ${Math.max(...last.map(({ features }) => features[5])).toFixed(3)}`,
      last.every(hasFive),
    ),
    statement(
      `T = ${T}: test loss between the floor of five stored features and the best constant`,
      'exact; 0.0005 for the test sample',
      `${(floor - 5e-4).toFixed(4)} to ${(constant + 5e-4).toFixed(4)}`,
      test.toFixed(4),
      test >= floor - 5e-4 && test <= constant + 5e-4,
    ),
    noted(
      statement(
        'features appear once each has been seen some 5 to 10 times: T (1 − S) at which most models have five',
        'DD, a comment by Jermyn; factor 2',
        '2.5 to 20',
        (onset * SMALL.density).toFixed(1),
        onset * SMALL.density >= 2.5 && onset * SMALL.density <= 20,
      ),
      'grid of sizes: a factor of 2',
    ),
  ];
}

export const ddCurve: Experiment<CurveData> = {
  name: 'dd-curve',
  id: 'D3',
  paper: 'double-descent',
  section: 'Memorising and generalising',
  title: 'Double descent',
  caption:
    'Test loss over the size T of the training set, a dot a model, and its mean, median and largest; the best constant ' +
    'output and the floor of five stored features are exact. Below: shares of the hidden space. Samples have 2/T each ' +
    'while they are memorised; five features rise where the test loss has fallen again.',
  seconds: { quick: 5, paper: 100 },
  specs: mainSpecs,
  data: async ([main, , large], context) => ({
    memories: await memoriesOf(main, context),
    large: large ? await memoriesOf(large, context) : [],
    constant: constantLoss(SMALL.features, SMALL.density),
    floor: storageFloor(SMALL.features, SMALL.density, 5),
    constantLarge: constantLoss(LARGE.features, LARGE.density),
  }),
  signature,
};
