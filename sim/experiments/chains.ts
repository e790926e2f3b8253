/** Chains of Langevin dynamics that stand in a sweep with the optimiser sgld: a cell is a setting, its replicas the chains. */
import type { TrainedModels } from '../join.ts';
import { CHAIN_PLAN } from '../langevin.ts';
import { type Coefficient, chainEstimate, coefficientOf } from '../metrics/learningCoefficient.ts';
import { runs } from './dictionaries.ts';
import { onlyGroup } from './trained.ts';

/** λ̂ of one setting, and the ends of its chains. JSON-able: a λ̂ or a spread that is no number is stored as null. */
export interface ChainCell extends Coefficient {
  stepSize: number; // ε
  inverseTemperature: number; // nβ
  localization: number; // γ
}

/** Recorded losses of a chain, the first at its start. Shape (R). */
export const traceAt = ({ lossSteps, losses, rows }: ReturnType<typeof onlyGroup>, chain: number): number[] =>
  lossSteps.map((_, s) => losses[s * rows.length + chain]);

/** The cells of a sweep, in their order. */
export function chainCells(result: TrainedModels): ChainCell[] {
  const group = onlyGroup(result);
  const { learningRate, inverseTemperature, localization, instances } = group.problem;
  const tensors = learningRate.length / instances;
  const chains = Array.from({ length: instances }, (_, i) => i);
  return runs(chains, result.spec.replicas).map((own) => {
    const [first] = own;
    const ends = own.map((i) =>
      chainEstimate(traceAt(group, i), inverseTemperature[first], CHAIN_PLAN.burnIn),
    );
    return {
      stepSize: learningRate[first * tensors],
      inverseTemperature: inverseTemperature[first],
      localization: localization[first],
      ...coefficientOf(ends),
    };
  });
}

/** λ̂ of cells for the plateau finder: NaN where all chains left. */
export const estimates = (cells: readonly ChainCell[]): number[] =>
  cells.map(({ status, lambda }) => (status === 'estimate' ? lambda : Number.NaN));
