/**
 * Stochastic parameter decomposition (Bushnaq et al. 2025). A subcomponent's causal importance g_c in [0, 1] is a small
 * perceptron of its inner activation V_c · v, v what the unchanged model has there; whatever masks are drawn from
 * [g_c, 1], the masked model must give the output of the unchanged one.
 */
import type { Family, SpdShape } from '../family.ts';
import { activate } from '../program/activations.ts';
import {
  add,
  column,
  hardSigmoid,
  l1,
  mat,
  matT,
  mul,
  type Node,
  perceptrons,
  squared,
  sub,
  times,
  uniform,
} from '../program/ops.ts';
import { LEAK, misfits, type Site, sitesOf, type Tensors } from './sites.ts';

/** What one site does to a sample. */
interface Masked {
  /** Its output for `value`, of which the unchanged map makes `whole`: (VU)ᵀ masked, and Δ times a mask of its own. */
  (value: Node, whole: Node): Node;
  /** g_c, with a slope above 1: what minimality pushes down. */
  importance: Node;
}

/** A site under random masks m = g + (1 − g) r, r uniform; Δ's mask is uniform. `clean`: what the unchanged model reads. */
function maskedSite({ name }: Site, own: SpdShape, tensors: Tensors, clean: Node): Masked {
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

/**
 * Losses of a sample, with y the unchanged model's output: ‖y′ − y‖² / n of the model with all sites masked, the mean of
 * the same with one site masked at a time, and c Σ g^p of every site.
 */
export function stochasticLosses(family: Family, own: SpdShape, all: Tensors, x: Node): Node[] {
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
