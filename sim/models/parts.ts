/**
 * Stochastic parameter decomposition of a model x′ = g(W h + b), h = Wᵀx, whose weights stay as they are (Bushnaq et al.
 * 2025). Each of its maps, in: x → h, out: h → W h and, if asked for, mid: h → h, the identity between them, is written
 * as C subcomponents, rank-one maps v → U_c (V_c · v), and the rest Δ that they leave. A subcomponent's causal importance
 * g_c in [0, 1] is a small perceptron of its inner activation V_c · v, v what the unchanged model has there; whatever
 * masks are drawn from [g_c, 1], the masked model must give the output of the unchanged one.
 */
import type { DecompositionShape, Family } from '../family.ts';
import { activate } from '../program/activations.ts';
import {
  add,
  column,
  hardSigmoid,
  l1,
  mat,
  matT,
  misfit,
  mul,
  type Node,
  perceptrons,
  squared,
  sub,
  times,
  uniform,
} from '../program/ops.ts';
import type { Model, Sizes, Tensor } from './models.ts';

/** A map of the model that is decomposed: its name, and the lengths of what it reads and writes. */
export interface Site {
  name: 'In' | 'Mid' | 'Out';
  reads: number;
  writes: number;
}

/** What a family of kind 'parts' says of its decomposition. */
export function partsOf({ decomposition }: Pick<Sizes, 'decomposition'>): DecompositionShape {
  if (decomposition) return decomposition;
  throw new RangeError('decomposition: expected in a family of kind "parts", got none');
}

/** The maps that are decomposed, in the order in which a sample meets them. */
export function sitesOf(sizes: Sizes): Site[] {
  const { features: n, hidden: m } = sizes;
  const middle: Site[] = partsOf(sizes).identity ? [{ name: 'Mid', reads: m, writes: m }] : [];
  return [{ name: 'In', reads: n, writes: m }, ...middle, { name: 'Out', reads: m, writes: n }];
}

const tensor = (name: string, shape: number[], init: Tensor['init'], trained = true): Tensor => ({
  name,
  shape,
  init,
  trained,
});

function tensors(sizes: Sizes): Tensor[] {
  const { features: n, hidden: m } = sizes;
  const { subcomponents: C, units: K, identity } = partsOf(sizes);
  return [
    tensor('W', [n, m], 'zero', false),
    tensor('b', [n], 'zero', false),
    ...(identity ? [tensor('I', [m, m], 'zero', false)] : []),
    ...sitesOf(sizes).flatMap(({ name, reads, writes }) => [
      tensor(`V${name}`, [C, reads], 'normal'),
      tensor(`U${name}`, [C, writes], 'normal'),
      tensor(`inner${name}`, [C, K], 'normal'),
      tensor(`outer${name}`, [C, K], 'normal'),
      tensor(`shift${name}`, [C, K], 'zero'),
      tensor(`base${name}`, [C], 'zero'),
    ]),
  ];
}

/** First weights: normal of deviation 1/√reads for V, 1/√C for U, √2 and 1/√K for the perceptrons' weights. */
function start(weights: Record<string, Float32Array>, sizes: Sizes): void {
  const { subcomponents: C, units: K } = partsOf(sizes);
  const times = (name: string, factor: number) => {
    for (let k = 0; k < weights[name].length; k++) weights[name][k] *= factor;
  };
  for (const { name, reads } of sitesOf(sizes)) {
    times(`V${name}`, 1 / Math.sqrt(reads));
    times(`U${name}`, 1 / Math.sqrt(C));
    times(`inner${name}`, Math.SQRT2);
    times(`outer${name}`, 1 / Math.sqrt(K));
  }
  for (let k = 0; weights.I && k < sizes.hidden; k++) weights.I[k * (sizes.hidden + 1)] = 1;
}

type Tensors = Record<string, Node>;

/** The slope with which a leaky hard sigmoid goes on where it is flat. */
const LEAK = 0.01;

/** What one site does to a sample. */
interface Masked {
  /** Its output for `value`, of which the unchanged map makes `whole`: (VU)ᵀ masked, and Δ times a mask of its own. */
  (value: Node, whole: Node): Node;
  /** g_c, with a slope above 1: what minimality pushes down. */
  importance: Node;
}

/** A site under random masks m = g + (1 − g) r, r uniform; Δ's mask is uniform. `clean`: what the unchanged model reads. */
function maskedSite({ name }: Site, own: DecompositionShape, tensors: Tensors, clean: Node): Masked {
  const of = (kind: string) => tensors[`${kind}${name}`];
  const inner = mat(of('V'), clean);
  const raw = add(perceptrons(inner, of('inner'), of('shift'), of('outer')), of('base'));
  const g = hardSigmoid(raw, 0, LEAK);
  const r = uniform(own.subcomponents, `mask${name}`);
  const mask = sub(add(g, r), mul(g, r));
  const rest = uniform(1, `rest${name}`);
  const through = (value: Node, whole: Node): Node => {
    const s = value === clean ? inner : mat(of('V'), value);
    return add(matT(of('U'), sub(mul(mask, s), times(s, rest))), times(whole, rest));
  };
  return Object.assign(through, { importance: hardSigmoid(raw, LEAK, 0) });
}

/** How far the subcomponents are from making up the maps, a mean over sites of ‖W − VU‖² / ‖W‖². */
function misfits(sizes: Sizes, { W, I, ...tensors }: Tensors): Node[] {
  const weight = column('faithfulness', 1);
  const sites = sitesOf(sizes);
  return sites.map(({ name }) => {
    const [V, U] = [tensors[`V${name}`], tensors[`U${name}`]];
    if (name === 'Mid') return misfit(I, V, U, 1 / sites.length, weight);
    return name === 'In'
      ? misfit(W, V, U, 1 / sites.length, weight)
      : misfit(W, U, V, 1 / sites.length, weight);
  });
}

/**
 * Losses of a sample, with y the unchanged model's output: ‖y′ − y‖² / n of the model with all sites masked, the mean of
 * the same with one site masked at a time, and c Σ g^p of every site.
 */
function losses(family: Family, all: Tensors, x: Node): Node[] {
  const own = partsOf(family);
  const { W, b } = all;
  const h = matT(W, x);
  const sites = sitesOf(family);
  const masked = sites.map((site) => maskedSite(site, own, all, site.name === 'In' ? x : h));
  const output = (before: Node) => activate(family.outputActivation, add(before, b));
  const target = output(mat(W, h));
  const error = (y: Node, share: number) =>
    squared(sub(y, target), share / family.features, column('reconstruction', 1));
  const [first, last] = [masked[0], masked[masked.length - 1]];
  const middle = own.identity ? masked[1] : null;
  const finish = (hidden: Node) => output(mat(W, hidden));
  const afterIn = first(x, h);
  const before = middle ? middle(afterIn, afterIn) : afterIn;
  const one = 1 / sites.length;
  const minimal = (g: Node) => (own.power === 1 ? l1 : squared)(g, 1, column('minimality', 1));
  return [
    error(output(last(before, mat(W, before))), 1),
    error(finish(afterIn), one),
    ...(middle ? [error(finish(middle(h, h)), one)] : []),
    error(output(last(h, mat(W, h))), one),
    ...masked.map(({ importance }) => minimal(importance)),
    ...misfits(family, all),
  ];
}

export const parts: Model = { name: 'parts', silent: true, tensors, losses, start };
