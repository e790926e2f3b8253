/**
 * Hidden units as neurons, for models with a ReLU hidden layer, where the basis of the hidden space is
 * privileged: what each neuron listens to, and whether to one feature or to several.
 */
import type { Shape } from './norms.ts';
import type { Weights } from './weights.ts';

/** A neuron is monosemantic if its second-largest |weight| is below this share of its largest. */
const MONOSEMANTIC = 0.2;
/** A neuron whose largest |weight| is below this is dead. */
const DEAD = 0.1;

/** One feature's weight onto one neuron. */
export interface Stake {
  feature: number;
  weight: number; // W_ik
}

/**
 * Scales each hidden unit of an untied model so that its largest |W_ik| is 1, which leaves the model's function
 * unchanged: W_ik / s_k, V_jk · s_k. Shapes as given. Throws for a tied model, which has no such freedom.
 */
export function rescaleNeurons({ W, V, b }: Weights, { features: n, hidden: m }: Shape): Weights {
  if (!V) throw new RangeError('rescaleNeurons: expected an untied model, got a tied one');
  const out = { W: Float64Array.from(W), V: Float64Array.from(V), b };
  for (let start = 0; start < W.length; start += n * m) {
    for (let k = start; k < start + m; k++) {
      let scale = 0;
      for (let at = k; at < start + n * m; at += m) scale = Math.max(scale, Math.abs(W[at]));
      if (scale === 0) continue;
      for (let at = k; at < start + n * m; at += m) {
        out.W[at] /= scale;
        out.V[at] *= scale;
      }
    }
  }
  return out;
}

/** The stack of each neuron of instance `instance`: signed weights of all features, largest |weight| first. */
export function neuronStacks(
  { W }: Pick<Weights, 'W'>,
  { features: n, hidden: m }: Shape,
  instance: number,
): Stake[][] {
  return Array.from({ length: m }, (_, k) => {
    const stack = Array.from({ length: n }, (_, i) => ({
      feature: i,
      weight: W[(instance * n + i) * m + k],
    }));
    return stack.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  });
}

/** Neuron numbers in the order of their largest feature, dead ones last: the order of the stack plots. */
export function sortNeurons(stacks: readonly Stake[][]): number[] {
  const rank = ([first]: Stake[]) =>
    Math.abs(first.weight) < DEAD ? Number.MAX_SAFE_INTEGER : first.feature;
  return Array.from(stacks.keys()).sort((a, b) => rank(stacks[a]) - rank(stacks[b]) || a - b);
}

/** Second-largest over largest |weight| of a neuron, in [0, 1]: 0 for one feature alone. */
export function polysemanticity(stack: readonly Stake[]): number {
  return stack.length < 2 ? 0 : Math.abs(stack[1].weight) / Math.abs(stack[0].weight);
}

export type Semantics = 'dead' | 'mono' | 'poly';

/** Judges a neuron by its stack: dead, for one feature, or for several. */
export function judgeNeuron(stack: readonly Stake[], threshold = MONOSEMANTIC): Semantics {
  if (Math.abs(stack[0].weight) < DEAD) return 'dead';
  return polysemanticity(stack) < threshold ? 'mono' : 'poly';
}

/** How one model spends its neurons. A feature counts where it has at least `threshold` of a neuron's largest weight. */
export interface NeuronCounts {
  mono: number; // monosemantic neurons
  poly: number; // polysemantic neurons
  dead: number;
  monoFeatures: number; // features with a monosemantic neuron
  polyFeatures: number; // features that live in polysemantic neurons only
}

/** Counts neurons and features by regime from the stacks of one model. */
export function countNeurons(stacks: readonly Stake[][], threshold = MONOSEMANTIC): NeuronCounts {
  const kinds = stacks.map((stack) => judgeNeuron(stack, threshold));
  const featuresOf = (kind: Semantics) =>
    stacks
      .filter((_, k) => kinds[k] === kind)
      .flatMap((stack) =>
        stack.filter(({ weight }) => Math.abs(weight) >= threshold * Math.abs(stack[0].weight)),
      )
      .map(({ feature }) => feature);
  const count = (kind: Semantics) => kinds.filter((other) => other === kind).length;
  const inMono = new Set(featuresOf('mono'));
  const inPoly = new Set(featuresOf('poly').filter((feature) => !inMono.has(feature)));
  return {
    mono: count('mono'),
    poly: count('poly'),
    dead: count('dead'),
    monoFeatures: inMono.size,
    polyFeatures: inPoly.size,
  };
}
