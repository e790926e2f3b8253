/**
 * The first paper, text and captions, statement by statement in our own words: which claim of which figure it became,
 * or why it became none. A test holds every entry against the claims of the kept scoreboard.
 */

/** One statement. Exactly one of `claim` and `why` is given. */
export interface Statement {
  where: string; // section of the paper
  says: string;
  claim?: { figure: string; words: string[] }; // name of the experiment, and words that each stand in the text of one of its claims
  why?: string; // why it is no claim
}

const made = (where: string, says: string, figure: string, ...words: string[]): Statement => ({
  where,
  says,
  claim: { figure, words },
});
const left = (where: string, says: string, why: string): Statement => ({ where, says, why });

const BACKGROUND = 'Background and motivation';
const DEMONSTRATING = 'Demonstrating superposition';
const PHASE = 'Superposition as a phase change';
const GEOMETRY = 'The geometry of superposition';
const CORRELATED = 'Correlated and anticorrelated features';
const DYNAMICS = 'Superposition and learning dynamics';
const ROBUST = 'Superposition and adversarial robustness';
const PRIVILEGED = 'Superposition in a privileged basis';
const COMPUTE = 'Computation in superposition';
const PICTURE = 'The strategic picture of superposition';
const APPENDIX = 'Appendix';

const LANGUAGE = 'on language and vision models, which no toy model decides';
const OPINION = 'a reading or a hope of the authors, with nothing to measure';

// biome-ignore format: a table
export const statements: readonly Statement[] = [
  made(BACKGROUND, 'dense: the two most important of five features get a dimension each', 'intro', 'S = 0: the two most', 'S = 0: largest norm'),
  made(BACKGROUND, 'S = 0.8: four features lie in two antipodal pairs', 'intro', 'S = 0.8: four features'),
  made(BACKGROUND, 'S = 0.9: all five features lie in a pentagon, with positive interference', 'intro', 'S = 0.9: five features', 'positive interference'),
  left(BACKGROUND, 'real networks represent more features than they have neurons', LANGUAGE),
  left(BACKGROUND, 'features of real inputs are directions, sparse, and of very unequal importance', LANGUAGE),
  left(BACKGROUND, 'm dimensions hold exponentially many almost orthogonal directions', 'a theorem on directions, not on trained models (Johnson and Lindenstrauss)'),
  made(BACKGROUND, 'sparse vectors can be recovered from few dimensions, at best of order k log(n/k)', 'compressed-sensing-bound', 'no model beats the order'),
  made(DEMONSTRATING, 'a linear model stores the top features only: WᵀW the identity on them', 'linear-like', 'identity on the 5 most important'),
  made(DEMONSTRATING, 'its bias is 0 for what it stores and the mean for the rest', 'linear-like', 'b = 0 for learned', 'b = E[x_i]'),
  made(DEMONSTRATING, 'the linear model keeps m features whatever the sparsity', 'basic-small', 'linear: exactly'),
  made(DEMONSTRATING, 'dense features: the ReLU-output model does the same', 'basic-small', 'ReLU output at density 1'),
  made(DEMONSTRATING, 'superposition starts with the less important of the stored features', 'basic-small', 'superposition begins'),
  made(DEMONSTRATING, 'first as antipodal pairs', 'intro', 'two antipodal pairs'),
  made(DEMONSTRATING, 'sparse end: everything stored is in superposition, with negative biases', 'basic-small', 'sparse end: every', 'sparse end: biases'),
  made(DEMONSTRATING, 'the larger model shows the same, scaled up', 'basic-large', 'linear: exactly', 'most features'),
  made(DEMONSTRATING, 'linear loss: more than m features never pay', 'loss-algebra', 'linear: the best number'),
  made(DEMONSTRATING, 'ReLU output, one feature active: negative interference is free', 'loss-algebra', 'two antipodal pairs cost nothing'),
  made(DEMONSTRATING, 'so there the model gains from more features than dimensions', 'loss-algebra', 'gains by representing more'),
  left(DEMONSTRATING, 'the loss is a sum over numbers of active features, weighted (1 − S)^k S^(n − k)', 'the definition of the expected loss; every exact loss here is computed by it'),
  left(DEMONSTRATING, 'with equal importance, norms 0 or 1 and no bias it is a generalised Thomson problem', 'a rewriting of the loss; its solutions are claims of tegum-products'),
  made(PHASE, 'an extra feature is ignored, in superposition, or has its own dimension', 'phase-diagram-2-1', 'three regions'),
  made(PHASE, 'the closed forms of fixed solutions predict where', 'phase-diagram-2-1', 'averaged models: share'),
  made(PHASE, 'the same for three features in two dimensions', 'phase-diagram-3-2', 'averaged models: share'),
  made(PHASE, 'the change is of first order: losses cross, the best loss has a kink', 'phase-diagram-2-1', 'kinks there'),
  left(PHASE, 'near the triple point the trained diagram is blurry', 'no measure of blur is given; where the exact optimum changes there is a claim (phase-diagram-2-1: at equal importance)'),
  left(PHASE, 'W ⊥ (1, 1, 1) is left out of the closed forms', 'a choice of the authors; the exact optimum of phase-diagram-3-2 has it'),
  made(GEOMETRY, 'D* is 1 for dense features', 'dimensions-per-feature', 'a dimension each'),
  made(GEOMETRY, 'D* sticks at 1/2, antipodal pairs, over a wide range of sparsity', 'dimensions-per-feature', 'sticks at 1/2'),
  made(GEOMETRY, 'feature dimensionalities cluster at fractions of named polytopes', 'feature-geometry', 'gather on lines'),
  left(GEOMETRY, 'named clusters: tetrahedra, triangles, digons, pentagons, square antiprisms', 'which of them appear in one run is chance; the rule of feature-geometry asks for 1/2 and one more'),
  left(GEOMETRY, 'the dimensionalities of all features add up to the number of dimensions at most', 'an identity; a test of sim/metrics holds it'),
  made(GEOMETRY, 'Thomson solutions are tegum products: 3 × 2/3 + 2 × 1/2 for five points', 'tegum-products', 'N = 5'),
  made(GEOMETRY, 'and 5 × 2/5 + 2 × 1/2 for seven, 6 × 1/2 for six', 'tegum-products', 'N = 7', 'N = 6'),
  made(GEOMETRY, 'a symmetric low-rank matrix W ⊥ (1, …, 1) is a simplex, the least superposition', 'polytopes-and-matrices', 'all cosines −1/(n − 1)'),
  made(GEOMETRY, 'one feature denser or sparser bends the pentagon', 'pentagon-digons', 'a denser feature gets more room'),
  made(GEOMETRY, 'until it snaps into two digons, about 2.5 times sparser', 'pentagon-digons', 'snaps to two digons'),
  left(GEOMETRY, 'varying importance makes similar deformations', 'the paper states it without a figure or a number'),
  made(CORRELATED, 'correlated features prefer to be orthogonal', 'correlated-pairs', 'correlated set are orthogonal'),
  made(CORRELATED, 'anticorrelated features prefer to be antipodal', 'anticorrelated-pairs', 'are antipodal'),
  made(CORRELATED, 'three correlated pairs lie side by side in a hexagon', 'correlated-triple', 'three correlated pairs form', 'side by side'),
  made(CORRELATED, 'a configuration that independent features do not form', 'correlated-triple', 'independent features do not'),
  left(CORRELATED, 'sometimes a pair collapses instead, a failure of optimisation', 'how often is not said; the exact optimum at each density is a claim of pca-collapse'),
  made(CORRELATED, 'two sets of ten in ten dimensions: each set is almost orthogonal within', 'local-orthogonal-bases', 'blocks within a set', 'interference is across sets'),
  made(CORRELATED, 'sparser features collapse less: none, one, two, three pairs, then components', 'pca-collapse', 'density 0.02', 'density 0.08', 'density 0.175', 'density 0.3', 'the sparser'),
  made(CORRELATED, 'a collapsed pair stores its principal component', 'pca-collapse', 'a collapsed pair stores'),
  made(DYNAMICS, 'features jump between energy levels', 'energy-levels', 'features jump'),
  made(DYNAMICS, 'the loss drops as they jump', 'energy-levels', 'the loss drops'),
  left(DYNAMICS, 'the first drop is small, the second larger', 'on one run whose n and m are not given'),
  made(DYNAMICS, 'plateaus of the loss are distinct geometric transformations', 'geometric-transformations', 'distinct plateaus'),
  made(DYNAMICS, 'sets as principal components, an antiprism, an octahedron', 'geometric-transformations', 'early, each set', 'an antiprism', 'an octahedron'),
  left(DYNAMICS, 'other trajectories branch off at the second stage', 'how often is not said'),
  made(ROBUST, 'vulnerability grows more than threefold with superposition', 'adversarial', 'more than threefold'),
  made(ROBUST, 'and tracks features per dimension', 'adversarial', 'tracks the number'),
  made(ROBUST, 'adversarial training removes superposition, fully only near 80 % of the input length', 'adversarial', 'adversarial training removes'),
  made(PRIVILEGED, 'a ReLU on the hidden layer aligns features with neurons, a linear layer does not', 'privileged-basis', 'features lie along neurons', 'they do not'),
  made(PRIVILEGED, 'at six ranges of density: so many neurons for one feature, so many for several', 'hidden-relu', 'density 0.75', 'density 0.35', 'density 0.15', 'density 0.12', 'density 0.06'),
  made(PRIVILEGED, 'sparsest: every feature is a pair of neurons', 'hidden-relu', 'every feature is a pair'),
  left(PRIVILEGED, 'three features in two neurons make a binary code, one orthogonal to a pair', 'which code a best model takes is drawn, not scored'),
  made(PRIVILEGED, 'with a hidden bias, or many features, the ReLU is evaded', 'evaded-relu', 'hidden bias: neurons', 'large n'),
  made(COMPUTE, 'absolute values: a neuron for each side of each feature, summed', 'abs-small', 'a neuron for each side', 'both sides are summed'),
  made(COMPUTE, 'dense: all neurons are monosemantic; sparsest: all polysemantic', 'abs-sparsity', 'density 1 and 0.3', 'density 0.001'),
  made(COMPUTE, 'their share grows with sparsity', 'abs-sparsity', 'share of polysemantic neurons grows', 'density 0.1'),
  left(COMPUTE, 'losses at different sparsities cannot be compared', 'footnote 17: a warning, and no comparison is made here'),
  made(COMPUTE, 'important features keep monosemantic neurons beside polysemantic ones', 'abs-coexistence', 'coexist', 'the important features'),
  made(COMPUTE, 'a polysemantic neuron has one large and several small weights', 'abs-coexistence', 'one large weight'),
  made(COMPUTE, 'the asymmetric motif: unequal weights in, the inverse out, an inhibitor beside it', 'asymmetric-motif', 'trained models form', 'a partner neuron inhibits'),
  made(COMPUTE, 'so that positive interference becomes negative', 'asymmetric-motif', 'positive interference becomes negative'),
  made(COMPUTE, 'two instances of it in one model', 'asymmetric-motif', 'two instances'),
  made(PICTURE, 'an L1 penalty on the hidden layer removes superposition, at a higher loss', 'hidden-penalty', 'superposition disappears', 'at a higher loss'),
  left(PICTURE, 'models without superposition, an overcomplete basis afterwards, or hybrids: three ways out', OPINION),
  left(PICTURE, 'superposition makes circuits hard to enumerate and safety claims hard to make', OPINION),
  left(PICTURE, 'mixtures of experts might carry less superposition for the same cost', 'on models that are no toy models of this paper'),
  made(APPENDIX, 'two dense numbers in one: less error than linear schemes at Z = 3, ε = 0.1', 'nonlinear-compression', 'Z = 3, ε = 0.1'),
  made(APPENDIX, 'break-even at about 36 neurons', 'nonlinear-compression', 'break-even'),
  made(APPENDIX, 'a lower bound on m from compressed sensing, −n (1 − S) log(1 − S) up to a constant', 'compressed-sensing-bound', 'over the bound'),
];
