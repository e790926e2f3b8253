/** Public names, in the order data flows. */

export { countRows } from './axes.ts';
export type { Block, BlockDone, Snapshot, TrainEvent } from './block.ts';
export { axisName, axisPoints } from './curves.ts';
export {
  type Engine,
  EngineLostError,
  type EngineName,
  EngineRefusedError,
  type EngineReport,
  EngineUnavailableError,
  type Session,
  type SessionOptions,
  type Stretch,
} from './engine.ts';
export { type Choice, chooseEngine, engineFor, type Running } from './engines.ts';
export { heldOutLoss } from './evaluate.ts';
export {
  type Activation,
  type DecompositionShape,
  type DictionaryShape,
  type Family,
  type FeatureSet,
  type Magnitude,
  type OptimizerName,
  reluOutputFamily,
  type ScheduleName,
  type SpdShape,
  type Target,
  type Training,
  type VpdShape,
} from './family.ts';
export { expandGrid, type Grid, type Group } from './grid.ts';
export type { TrainedGroup, TrainedModels } from './join.ts';
export {
  CHAIN_PLAN,
  type ChainPlan,
  type ChainSetting,
  type Chains,
  inverseTemperatureOf,
  learningCoefficients,
  type Trained,
} from './langevin.ts';
export {
  type Heads,
  headOutputs,
  headsAt,
  heldOutSequences,
  type Sequence,
  scoreTrigrams,
  sequenceOf,
  sharesOf,
  surprises,
  type TrigramLoss,
  trigramLoss,
} from './metrics/attention.ts';
export { breaksAround } from './metrics/breaks.ts';
export {
  type Absorption,
  absorption,
  type Coded,
  decoderProjection,
  effectiveFeatures,
  explainedVariance,
} from './metrics/codes.ts';
export {
  contributions,
  type Layer,
  neuronsPerFeature,
  ownResponses,
  sharesAlong,
} from './metrics/contributions.ts';
export {
  agreement,
  type Cosines,
  cosines,
  matchedCosine,
  matchLatents,
  meanMaxCosine,
  shareFound,
  uniqueness,
} from './metrics/dictionary.ts';
export {
  type Scores,
  type Specimen,
  scoreDictionaries,
  scoresOf,
  specimenAt,
} from './metrics/dictionaryScores.ts';
export { capacity, dimensionsPerFeature, featureDimensionality } from './metrics/dimensionality.ts';
export { gram } from './metrics/gram.ts';
export { interference, interferenceNorm } from './metrics/interference.ts';
export {
  type ChainEnd,
  type ChainEstimate,
  type Coefficient,
  chainEstimate,
  coefficientOf,
  findPlateau,
  type Plateau,
} from './metrics/learningCoefficient.ts';
export {
  ablations,
  type Lifted,
  liftedLoss,
  liftedOutputs,
  liftedWeights,
  type Uses,
  usesOf,
} from './metrics/lifted.ts';
export {
  type Directions,
  featureNorms,
  fractionRepresented,
  type Shape,
  squaredNorms,
} from './metrics/norms.ts';
export { type Overlaps, overlaps } from './metrics/overlaps.ts';
export {
  adversarialError,
  alive,
  type Decomposed,
  denseError,
  directions,
  identityError,
  importances,
  type Masks,
  maskedError,
  maskSlopes,
  misfitOf,
  type Prepared,
  prepare,
  probed,
  type SiteParts,
  stochasticError,
} from './metrics/parts.ts';
export {
  decomposedAt,
  PARTS_SCORES,
  type PartsScores,
  partsScoresAt,
  partsScoresOf,
  scoreParts,
} from './metrics/partsScores.ts';
export { phaseColors, type Region, regionOf } from './metrics/phaseRegion.ts';
export { averageRows, bestReplicas, replicaQuantiles } from './metrics/replicas.ts';
export type { Model } from './model.ts';
export { circuitWeights } from './models/circuit.ts';
export { mixingOf } from './models/residual.ts';
export { overGrid } from './overGrid.ts';
export { type Params, type Problem, takeParams, takeRows } from './problem.ts';
export type { Progress } from './progress.ts';
export {
  type Axis,
  type GridAxes,
  type LinkedField,
  parseSpec,
  type Spec,
  type SpecInput,
  specJsonSchema,
} from './spec.ts';
export { SpecError, type SpecIssue } from './specError.ts';
export { type NamedArray, type NamedArrays, provideWeights } from './start.ts';
export {
  type AdaptiveResult,
  type EvaluateCells,
  type LabelCells,
  labelRegion,
  type RefinedMap,
  refineMap,
  sweepAdaptively,
} from './sweep/adaptive.ts';
export { makeTable, provideSamples, type Table, tableOfRows } from './table.ts';
export { parentFate } from './theory/absorption.ts';
export {
  type Compressed,
  computedLoss,
  leastSparseLoss,
  mixedLoss,
  type Wanted,
  wantedDirections,
} from './theory/compressed.ts';
export {
  type BestDictionary,
  bestDictionary,
  type Dictionary,
  type Objective,
  plain,
  type Support,
  startAt,
} from './theory/dictionary.ts';
export { type ExactLoss, exactLoss } from './theory/exactLoss.ts';
export {
  freeEnergy,
  type Phase,
  phaseTransitions,
  preferredPhase,
  type Transition,
} from './theory/freeEnergy.ts';
export {
  type Kgon,
  kgonCoefficient,
  kgonLoss,
  kgonModel,
  potential,
  potentialGradient,
  solveKgon,
} from './theory/kgon.ts';
export { randomOverlap, welchBound } from './theory/packing.ts';
export { pairEntropy, pairExcess, pairHead, pairToken } from './theory/pairs.ts';
export { bestSolution, regionBoundaries, type Solution } from './theory/phase.ts';
export {
  blindExcess,
  constructionExcess,
  sharpnessBound,
  trigramFloor,
  twoHeads,
} from './theory/trigrams.ts';
export { byOverlaps, expectedSquare, layerOf, type Rows, virtualWeights } from './theory/virtualWeights.ts';
export {
  finish,
  keepResult,
  type TrainOptions,
  type TrainResult,
  type TrainSummary,
  train,
  trainAll,
  trainBlocks,
} from './train.ts';
