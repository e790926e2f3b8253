/** All experiments, in the order of the gallery. */
import { absCoexist } from './absCoexist.ts';
import { absSmall } from './absSmall.ts';
import { absSparsity } from './absSparsity.ts';
import { adversarial } from './adversarial.ts';
import { anticorrelatedPairs } from './anticorrelatedPairs.ts';
import { asymmetric } from './asymmetric.ts';
import { attentionCoherent } from './attentionCoherent.ts';
import { attentionConstruction } from './attentionConstruction.ts';
import { attentionSuccess } from './attentionSuccess.ts';
import { attentionWiring } from './attentionWiring.ts';
import { basicLarge } from './basicLarge.ts';
import { basicSmall } from './basicSmall.ts';
import { collapse } from './collapse.ts';
import { complements } from './complements.ts';
import { compressedComputation } from './compressedComputation.ts';
import { compression } from './compression.ts';
import { correlatedPairs } from './correlatedPairs.ts';
import { correlatedTriple } from './correlatedTriple.ts';
import { ddCurve } from './ddCurve.ts';
import { ddHidden } from './ddHidden.ts';
import { ddNorms } from './ddNorms.ts';
import { ddPressure } from './ddPressure.ts';
import { ddRates } from './ddRates.ts';
import { ddRepeats } from './ddRepeats.ts';
import { ddScale } from './ddScale.ts';
import { ddSizes } from './ddSizes.ts';
import { ddTraining } from './ddTraining.ts';
import { ddVectors } from './ddVectors.ts';
import { dimensionsPerFeature } from './dimensionsPerFeature.ts';
import { energyLevels } from './energyLevels.ts';
import { evadedRelu } from './evadedRelu.ts';
import type { Experiment } from './experiment.ts';
import { featureGeometry } from './featureGeometry.ts';
import { featureManifold } from './featureManifold.ts';
import { hiddenPenalty } from './hiddenPenalty.ts';
import { hiddenRelu } from './hiddenRelu.ts';
import { interferenceCircuit } from './interferenceCircuit.ts';
import { interferenceLifted } from './interferenceLifted.ts';
import { interferenceWeights } from './interferenceWeights.ts';
import { intro } from './intro.ts';
import { kgonLevels } from './kgonLevels.ts';
import { kgonStaircase } from './kgonStaircase.ts';
import { kgonTransition } from './kgonTransition.ts';
import { latentCircle } from './latentCircle.ts';
import { latentShapes } from './latentShapes.ts';
import { linearLike } from './linearLike.ts';
import { llcCalibration } from './llcCalibration.ts';
import { llcKgons } from './llcKgons.ts';
import { localBasis } from './localBasis.ts';
import { lossAlgebra } from './lossAlgebra.ts';
import { type PaperName, papers } from './papers.ts';
import { partsAdversary } from './partsAdversary.ts';
import { partsAdversaryIdentity } from './partsAdversaryIdentity.ts';
import { partsAttack } from './partsAttack.ts';
import { partsForty } from './partsForty.ts';
import { partsIdentity } from './partsIdentity.ts';
import { partsPentagon } from './partsPentagon.ts';
import { partsRate } from './partsRate.ts';
import { pentagonDigons } from './pentagonDigons.ts';
import { phaseDiagram21 } from './phaseDiagram21.ts';
import { phaseDiagram32 } from './phaseDiagram32.ts';
import { privilegedBasis } from './privilegedBasis.ts';
import { saeAbsorption } from './saeAbsorption.ts';
import { saeArrows } from './saeArrows.ts';
import { saeDensity } from './saeDensity.ts';
import { saeDirections } from './saeDirections.ts';
import { saeHedging } from './saeHedging.ts';
import { saeL0 } from './saeL0.ts';
import { saeMatryoshka } from './saeMatryoshka.ts';
import { saePentagon } from './saePentagon.ts';
import { saeProjection } from './saeProjection.ts';
import { saeTree } from './saeTree.ts';
import { scalingDecay } from './scalingDecay.ts';
import { scalingIgnored } from './scalingIgnored.ts';
import { scalingOverlaps } from './scalingOverlaps.ts';
import { scalingRegimes } from './scalingRegimes.ts';
import { sensingBound } from './sensingBound.ts';
import { simplestFactorisation } from './simplestFactorisation.ts';
import { tegum } from './tegum.ts';
import { transformations } from './transformations.ts';
import { weightSuperposition } from './weightSuperposition.ts';

export type { Claim, Experiment, Scale } from './experiment.ts';

export const experiments: readonly Experiment[] = [
  intro,
  linearLike,
  basicSmall,
  basicLarge,
  lossAlgebra,
  phaseDiagram21,
  phaseDiagram32,
  dimensionsPerFeature,
  featureGeometry,
  tegum,
  complements,
  pentagonDigons,
  correlatedPairs,
  anticorrelatedPairs,
  correlatedTriple,
  localBasis,
  collapse,
  energyLevels,
  transformations,
  adversarial,
  privilegedBasis,
  hiddenRelu,
  evadedRelu,
  absSmall,
  absSparsity,
  absCoexist,
  asymmetric,
  hiddenPenalty,
  compression,
  sensingBound,
  ddVectors,
  ddCurve,
  ddNorms,
  ddSizes,
  ddTraining,
  ddRates,
  ddRepeats,
  ddScale,
  ddHidden,
  ddPressure,
  latentCircle,
  latentShapes,
  saePentagon,
  saeArrows,
  saeDensity,
  saeDirections,
  saeAbsorption,
  saeHedging,
  saeMatryoshka,
  saeTree,
  saeL0,
  saeProjection,
  partsPentagon,
  partsIdentity,
  partsRate,
  partsAdversary,
  partsAttack,
  partsAdversaryIdentity,
  partsForty,
  simplestFactorisation,
  kgonLevels,
  kgonTransition,
  llcCalibration,
  llcKgons,
  kgonStaircase,
  attentionConstruction,
  attentionSuccess,
  attentionWiring,
  attentionCoherent,
  scalingDecay,
  scalingRegimes,
  scalingIgnored,
  scalingOverlaps,
  featureManifold,
  weightSuperposition,
  interferenceWeights,
  interferenceLifted,
  interferenceCircuit,
  compressedComputation,
];

/** The experiments of one paper or of all, in the order of the gallery. */
export function experimentsOf(paper: PaperName | 'all'): readonly Experiment[] {
  return experiments.filter((experiment) => paper === 'all' || experiment.paper === paper);
}

/** Papers that have figures, with those figures. */
export function byPaper<T extends { paper: PaperName }>(
  of: readonly T[],
): { paper: (typeof papers)[number]; of: T[] }[] {
  return papers
    .map((paper) => ({ paper, of: of.filter((one) => one.paper === paper.name) }))
    .filter((group) => group.of.length > 0);
}

/** The experiment called `name`, or undefined. */
export function findExperiment(name: string): Experiment | undefined {
  return experiments.find((experiment) => experiment.name === name);
}
