/** The picture of each experiment, by name. */
import type { Figure } from '../figure.ts';
import { absCoexistFigure, absSmallFigure, absSparsityFigure } from './absolute.ts';
import { adversarialFigure } from './adversarial.ts';
import { asymmetricFigure } from './asymmetric.ts';
import { attentionCoherentFigure, attentionConstructionFigure, attentionSuccessFigure } from './attention.ts';
import { attentionWiringFigure } from './attentionWiring.ts';
import { basicFigure, hiddenPenaltyFigure, linearLikeFigure } from './basicResults.ts';
import { compressedComputationFigure } from './compressed.ts';
import { compressionFigure } from './compression.ts';
import { collapseFigure, correlatedTripleFigure, localBasisFigure, pairsFigure } from './correlated.ts';
import {
  ddCurveFigure,
  ddNormsFigure,
  ddRatesFigure,
  ddSizesFigure,
  ddTrainingFigure,
  ddVectorsFigure,
} from './doubleDescent.ts';
import {
  ddHiddenFigure,
  ddPressureFigure,
  ddRepeatsFigure,
  ddScaleFigure,
} from './doubleDescentFollowUps.ts';
import { energyLevelsFigure, transformationsFigure } from './dynamics.ts';
import { evadedReluFigure } from './evadedRelu.ts';
import { dimensionsPerFeatureFigure, featureGeometryFigure } from './geometry.ts';
import { interferenceWeightsFigure } from './interference.ts';
import { interferenceCircuitFigure } from './interferenceCircuit.ts';
import { interferenceLiftedFigure } from './interferenceLifted.ts';
import { introFigure } from './intro.ts';
import { kgonLevelsFigure, kgonTransitionFigure } from './kgons.ts';
import { latentCircleFigure } from './latentCircle.ts';
import { latentShapesFigure } from './latentShapes.ts';
import { kgonStaircaseFigure, llcCalibrationFigure, llcKgonsFigure } from './learningCoefficients.ts';
import { lossAlgebraFigure } from './lossAlgebra.ts';
import { featureManifoldFigure, weightSuperpositionFigure } from './mayUpdates.ts';
import { partsAttackFigure } from './partsAttack.ts';
import { partsFortyFigure } from './partsForty.ts';
import { partsIdentityFigure, partsRateFigure } from './partsMore.ts';
import { partsPentagonFigure } from './partsPentagon.ts';
import { pentagonDigonsFigure } from './pentagonDigons.ts';
import { phaseDiagramFigure } from './phaseDiagram.ts';
import { complementsFigure, tegumFigure } from './polytopes.ts';
import { hiddenReluFigure, privilegedBasisFigure } from './privileged.ts';
import { saeDensityFigure } from './saeDensity.ts';
import { saeDirectionsFigure } from './saeDirections.ts';
import { saeArrowsFigure, saePentagonFigure } from './saePentagon.ts';
import {
  saeAbsorptionFigure,
  saeHedgingFigure,
  saeL0Figure,
  saeMatryoshkaFigure,
  saeProjectionFigure,
  saeTreeFigure,
} from './saeTogether.ts';
import {
  scalingDecayFigure,
  scalingIgnoredFigure,
  scalingOverlapsFigure,
  scalingRegimesFigure,
} from './scaling.ts';
import { sensingBoundFigure } from './sensingBound.ts';
import { simplestFactorisationFigure } from './simplestFactorisation.ts';

/** Draws the data of the experiment of the same name (a method's type, so that each may take its own data). */
type Draw = { draw(data: unknown): Figure }['draw'];

export const figures: Readonly<Record<string, Draw>> = {
  intro: introFigure,
  'latent-circle': latentCircleFigure,
  'latent-shapes': latentShapesFigure,
  'linear-like': linearLikeFigure,
  'basic-small': basicFigure,
  'basic-large': basicFigure,
  'loss-algebra': lossAlgebraFigure,
  'phase-diagram-2-1': phaseDiagramFigure,
  'phase-diagram-3-2': phaseDiagramFigure,
  'dimensions-per-feature': dimensionsPerFeatureFigure,
  'feature-geometry': featureGeometryFigure,
  'tegum-products': tegumFigure,
  'polytopes-and-matrices': complementsFigure,
  'pentagon-digons': pentagonDigonsFigure,
  'correlated-pairs': pairsFigure,
  'anticorrelated-pairs': pairsFigure,
  'correlated-triple': correlatedTripleFigure,
  'local-orthogonal-bases': localBasisFigure,
  'pca-collapse': collapseFigure,
  'energy-levels': energyLevelsFigure,
  'geometric-transformations': transformationsFigure,
  adversarial: adversarialFigure,
  'privileged-basis': privilegedBasisFigure,
  'hidden-relu': hiddenReluFigure,
  'evaded-relu': evadedReluFigure,
  'abs-small': absSmallFigure,
  'abs-sparsity': absSparsityFigure,
  'abs-coexistence': absCoexistFigure,
  'asymmetric-motif': asymmetricFigure,
  'hidden-penalty': hiddenPenaltyFigure,
  'nonlinear-compression': compressionFigure,
  'compressed-sensing-bound': sensingBoundFigure,
  'dd-vectors': ddVectorsFigure,
  'dd-curve': ddCurveFigure,
  'dd-norms': ddNormsFigure,
  'dd-sizes': ddSizesFigure,
  'dd-training': ddTrainingFigure,
  'dd-rates': ddRatesFigure,
  'dd-repeats': ddRepeatsFigure,
  'dd-scale': ddScaleFigure,
  'dd-hidden-relu': ddHiddenFigure,
  'dd-pressure': ddPressureFigure,
  'sae-pentagon': saePentagonFigure,
  'sae-arrows': saeArrowsFigure,
  'sae-density': saeDensityFigure,
  'sae-directions': saeDirectionsFigure,
  'sae-absorption': saeAbsorptionFigure,
  'sae-hedging': saeHedgingFigure,
  'sae-matryoshka': saeMatryoshkaFigure,
  'sae-tree': saeTreeFigure,
  'sae-l0': saeL0Figure,
  'sae-projection': saeProjectionFigure,
  'parts-pentagon': partsPentagonFigure,
  'parts-identity': partsIdentityFigure,
  'parts-rate': partsRateFigure,
  'parts-adversary': partsPentagonFigure,
  'parts-attack': partsAttackFigure,
  'parts-adversary-identity': partsIdentityFigure,
  'parts-forty': partsFortyFigure,
  'simplest-factorisation': simplestFactorisationFigure,
  'kgon-levels': kgonLevelsFigure,
  'kgon-transition': kgonTransitionFigure,
  'llc-calibration': llcCalibrationFigure,
  'llc-kgons': llcKgonsFigure,
  'kgon-staircase': kgonStaircaseFigure,
  'attention-construction': attentionConstructionFigure,
  'attention-success': attentionSuccessFigure,
  'attention-wiring': attentionWiringFigure,
  'attention-coherent': attentionCoherentFigure,
  'scaling-decay': scalingDecayFigure,
  'scaling-regimes': scalingRegimesFigure,
  'scaling-ignored': scalingIgnoredFigure,
  'scaling-overlaps': scalingOverlapsFigure,
  'feature-manifold': featureManifoldFigure,
  'weight-superposition': weightSuperpositionFigure,
  'interference-weights': interferenceWeightsFigure,
  'interference-lifted': interferenceLiftedFigure,
  'interference-circuit': interferenceCircuitFigure,
  'compressed-computation': compressedComputationFigure,
};
