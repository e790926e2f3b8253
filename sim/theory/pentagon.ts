/**
 * Five features in two dimensions, one of them with a density of its own: the pentagon that deforms
 * continuously, the pair of digons that drops the odd feature, and the density at which they cross.
 */
import { reluOutputFamily } from '../family.ts';
import type { Model } from '../model.ts';
import { minimiseExactLoss } from './optimum.ts';

type Branch = 'pentagon' | 'digons';

const FAMILY = reluOutputFamily(5, 2);

/** Start of a branch: the regular pentagon of the high-sparsity limit, or two digons with feature 0 at zero. */
function startOf(branch: Branch): Model {
  const W =
    branch === 'pentagon'
      ? Float64Array.from({ length: 10 }, (_, at) => {
          const angle = (2 * Math.PI * Math.floor(at / 2)) / 5;
          return 1.17 * (at % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
        })
      : Float64Array.of(0, 0, 1, 0, -1, 0, 0, 1, 0, -1);
  return { W, b: new Float64Array(5).fill(branch === 'pentagon' ? -0.28 : 0) };
}

/**
 * Exact-loss minimum of one branch where feature 0 has density relativeDensity · density and the other four
 * `density`; importance 1, no weight decay. `from` continues a neighbouring solution of the branch. The loss is
 * a mean over features.
 */
export function branchMinimum(
  branch: Branch,
  density: number,
  relativeDensity: number,
  from: Model = startOf(branch),
): { model: Model; loss: number } {
  const densities = [relativeDensity * density, density, density, density, density];
  return minimiseExactLoss(FAMILY, from, densities, [1, 1, 1, 1, 1]);
}

/**
 * Relative density of feature 0 at which both branches have the same exact loss, to 1e-5: below it the digons
 * win. Looked for in [0.1, 1]; the paper puts it at about 1/2.5.
 */
export function branchCrossing(density: number): number {
  let [low, high] = [0.1, 1];
  let pentagon = startOf('pentagon');
  while (high - low > 1e-5) {
    const middle = (low + high) / 2;
    const bent = branchMinimum('pentagon', density, middle, pentagon);
    if (branchMinimum('digons', density, middle).loss < bent.loss) low = middle;
    else {
      high = middle;
      pentagon = bent.model;
    }
  }
  return (low + high) / 2;
}

/** Whether the pentagon, bent step by step from equal densities, has a lower loss than the digons. */
function pentagonWins(density: number, relativeDensity: number): boolean {
  let pentagon = branchMinimum('pentagon', density, 1);
  for (const t of [0.25, 0.5, 0.75, 1]) {
    pentagon = branchMinimum('pentagon', density, relativeDensity ** t, pentagon.model);
  }
  return pentagon.loss < branchMinimum('digons', density, relativeDensity).loss;
}

/**
 * Density of the four equal features at which the branches cross at this relative density of feature 0, to 1e-3 of
 * itself. Looked for in [0.03, 0.15], where the denser the features, the less sparse the odd one need be.
 */
export function densityOfCrossing(relativeDensity: number): number {
  let [low, high] = [0.03, 0.15];
  while (high / low > 1.001) {
    const middle = Math.sqrt(low * high);
    if (pentagonWins(middle, relativeDensity)) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}
