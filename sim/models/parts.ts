/**
 * A model x′ = g(W h + b), h = Wᵀx, whose weights stay as they are, taken apart. Each of its maps, in: x → h, out: h → W h
 * and, if asked for, mid: h → h, the identity between them, is written as C subcomponents, rank-one maps
 * v → U_c (V_c · v), and the rest Δ that they leave. stochasticParts.ts and adversarialParts.ts say what they are asked for.
 */
import type { DecompositionShape, Family, Training } from '../family.ts';
import type { Node } from '../program/ops.ts';
import { adversarialLosses, ascentClocks } from './adversarialParts.ts';
import type { Model, Sizes, Tensor } from './models.ts';
import { partsOf, type Site, sitesOf, type Tensors } from './sites.ts';
import { stochasticLosses } from './stochasticParts.ts';

const tensor = (name: string, shape: number[], init: Tensor['init'], more: Partial<Tensor> = {}): Tensor => ({
  name,
  shape,
  init,
  trained: true,
  ...more,
});

/** What makes the importances of a site: a perceptron of every subcomponent (spd), or one of the site that reads v (vpd). */
function gateTensors(
  { method, subcomponents: C, units: K }: DecompositionShape,
  { name, reads }: Site,
): Tensor[] {
  if (method === 'spd')
    return [
      tensor(`inner${name}`, [C, K], 'normal'),
      tensor(`outer${name}`, [C, K], 'normal'),
      tensor(`shift${name}`, [C, K], 'zero'),
      tensor(`base${name}`, [C], 'zero'),
    ];
  const apart = { clip: 'importances' };
  return [
    tensor(`inner${name}`, [K, reads], 'normal', apart),
    tensor(`outer${name}`, [C, K], 'normal', apart),
    tensor(`shift${name}`, [K], 'zero', apart),
    tensor(`base${name}`, [C], 'zero', apart),
  ];
}

function tensors(sizes: Sizes): Tensor[] {
  const { features: n, hidden: m } = sizes;
  const own = partsOf(sizes);
  const given = { trained: false };
  return [
    tensor('W', [n, m], 'zero', given),
    tensor('b', [n], 'zero', given),
    ...(own.identity ? [tensor('I', [m, m], 'zero', given)] : []),
    ...sitesOf(sizes).flatMap((site) => [
      tensor(`V${site.name}`, [own.subcomponents, site.reads], 'normal'),
      tensor(`U${site.name}`, [own.subcomponents, site.writes], 'normal'),
      ...gateTensors(own, site),
    ]),
  ];
}

/**
 * First weights: normal of deviation 1/√reads for V, 1/√C for U, 1/√K for the perceptrons' outer weights, and for the inner
 * ones √2 over the root of how many numbers they read.
 */
function start(weights: Record<string, Float32Array>, sizes: Sizes): void {
  const { method, subcomponents: C, units: K } = partsOf(sizes);
  const times = (name: string, factor: number) => {
    for (let k = 0; k < weights[name].length; k++) weights[name][k] *= factor;
  };
  for (const { name, reads } of sitesOf(sizes)) {
    times(`V${name}`, 1 / Math.sqrt(reads));
    times(`U${name}`, 1 / Math.sqrt(C));
    times(`inner${name}`, method === 'spd' ? Math.SQRT2 : Math.sqrt(2 / reads));
    times(`outer${name}`, 1 / Math.sqrt(K));
  }
  for (let k = 0; weights.I && k < sizes.hidden; k++) weights.I[k * (sizes.hidden + 1)] = 1;
}

function losses(family: Family, all: Tensors, x: Node, { batch }: Training): Node[] {
  const own = partsOf(family);
  if (own.method === 'spd') return stochasticLosses(family, own, all, x);
  return adversarialLosses(family, own, all, x, batch);
}

function clocks(family: Family, training: Training, step: number): Record<string, number> {
  const own = partsOf(family);
  return own.method === 'vpd' ? ascentClocks(own, training, step) : {};
}

export const parts: Model = { name: 'parts', silent: true, tensors, losses, start, clocks };
