/**
 * Adversarial parameter decomposition (VPD; Bushnaq et al., "Interpreting Language Model Parameters", 2026). The causal
 * importances of a map's subcomponents are one perceptron of the vector v that the unchanged model has there. Masks are
 * m = g + (1 − g) s with sources s in [0, 1]: for a share of the samples those of an adversary, which keeps sources of its
 * own for every place in the batch and moves them up the slope of the error at every step, for the others uniform ones
 * on a random choice of the maps.
 */
import type { Family, Training, VpdShape } from '../family.ts';
import { corrections } from '../optimizer.ts';
import { activate } from '../program/activations.ts';
import {
  add,
  below,
  climb,
  clock,
  column,
  frequent,
  gate,
  hardSigmoid,
  l1,
  mat,
  matT,
  mul,
  type Node,
  normalGelu,
  saturate,
  scale,
  source,
  squared,
  sub,
  times,
  total,
  uniform,
} from '../program/ops.ts';
import { LEAK, misfits, type Site, sitesOf, type Tensors } from './sites.ts';

/** One number of every subcomponent of a map (C), and one of what they leave of it. */
interface Sides {
  parts: Node;
  rest: Node;
}

/** A map under a decomposition: what is known of a sample before masks are. */
interface Taken {
  site: Site;
  V: Node;
  U: Node;
  g: Node; // causal importances in [0, 1]
  psi: Node; // g² / (g² + γ²) of those that go on above 1: what minimality pushes down
  through(v: Node): Node; // the unchanged map
  back(d: Node): Node; // and its transpose
}

/** The maps of a sample; `clean` is what the unchanged model has before each of them. */
function takeApart(family: Family, all: Tensors, clean: (site: Site) => Node): Taken[] {
  const gamma = clock('gamma');
  return sitesOf(family).map((site) => {
    const of = (kind: string) => all[`${kind}${site.name}`];
    const units = normalGelu(add(mat(of('inner'), clean(site)), of('shift')));
    const raw = add(mat(of('outer'), units), of('base'));
    const [forth, turned] = [(v: Node) => matT(all.W, v), (v: Node) => mat(all.W, v)];
    const [through, back] =
      site.name === 'Mid' ? [same, same] : site.name === 'In' ? [forth, turned] : [turned, forth];
    const psi = saturate(hardSigmoid(raw, LEAK, 0), gamma);
    return { site, V: of('V'), U: of('U'), g: hardSigmoid(raw, 0, LEAK), psi, through, back };
  });
}

const same = (v: Node): Node => v;

/** a + (b − a) t with one number t. */
const between = (a: Node, b: Node, t: Node): Node => add(a, times(sub(b, a), t));
/** a + (1 − a) b */
const fill = (a: Node, b: Node): Node => sub(add(a, b), mul(a, b));
/** (1 − a) b */
const without = (a: Node, b: Node): Node => sub(b, mul(a, b));

/** A way of a sample through the masked maps: of every map V v and Wv, and the sum before the output's activation. */
interface Way {
  inner: Node[];
  whole: Node[];
  masks: Sides[];
  sum: Node;
}

/**
 * A sample x through all maps under masks, v ↦ Uᵀ((m − δ) V v) + δ W v. Where `off` is 1 a map is the unchanged one, where
 * it is 0 the masked one.
 */
function walk(taken: Taken[], x: Node, b: Node, masks: Sides[], off?: Node[]): Way {
  const [inner, whole]: Node[][] = [[], []];
  let v = x;
  taken.forEach(({ V, U, through }, k) => {
    inner.push(mat(V, v));
    whole.push(through(v));
    const weighted = sub(mul(masks[k].parts, inner[k]), times(inner[k], masks[k].rest));
    const shown = off ? sub(weighted, times(weighted, off[k])) : weighted;
    v = add(matT(U, shown), times(whole[k], off ? fill(off[k], masks[k].rest) : masks[k].rest));
  });
  return { inner, whole, masks, sum: add(v, b) };
}

/** The masks m = g + (1 − g) s of sources; that of what is left is its source. */
const masksOf = (taken: Taken[], sources: Sides[]): Sides[] =>
  sources.map(({ parts, rest }, k) => ({ parts: fill(taken[k].g, parts), rest }));

/** What the error ‖y′ − y‖² / (n · batch) of a way gains per unit of every source. */
function sourceSlopes(family: Family, taken: Taken[], way: Way, target: Node, batch: number): Sides[] {
  const excess = sub(activate(family.outputActivation, way.sum), target);
  const scaled = scale(excess, 2 / (family.features * batch));
  let d = family.outputActivation === 'relu' ? gate(scaled, way.sum) : scaled;
  const out: Sides[] = [];
  for (let k = taken.length - 1; k >= 0; k--) {
    const { U, V, g, back } = taken[k];
    const pull = mat(U, d);
    const slopes = mul(way.inner[k], pull);
    out.unshift({ parts: without(g, slopes), rest: sub(total(mul(way.whole[k], d)), total(slopes)) });
    if (k === 0) break;
    const { parts, rest } = way.masks[k];
    d = add(matT(V, sub(mul(parts, pull), times(pull, rest))), times(back(d), rest));
  }
  return out;
}

/**
 * The ways in which maps can be chosen: of k maps, k uniform, every choice as likely; as a list of equal shares, the maps
 * that are masked in each. They are in such an order that every map is missing in neighbours only, the last beside the first.
 */
const CHOICES: Record<number, readonly (readonly number[])[]> = {
  2: [[0], [1], [0, 1], [0, 1]],
  3: [[0], [0, 1], [1], [1, 2], [2], [0, 2], [0, 1, 2], [0, 1, 2], [0, 1, 2]],
};

/** Of every map 1 where a uniform number chooses maps without it, else 0. */
export function missing(count: number, u: Node): Node[] {
  const choices = CHOICES[count];
  return Array.from({ length: count }, (_, site) => {
    const isOff = choices.map((choice) => Number(!choice.includes(site)));
    const steps = isOff.flatMap((off, k) => {
      const next = isOff[k + 1] ?? 0;
      return off === next ? [] : [scale(below(u, (k + 1) / choices.length), off - next)];
    });
    return steps.reduce(add);
  });
}

const rateName = (k: number) => `rate${k}`;
const correctName = (k: number) => `correct${k}`;

/** The sources after one more ascent. */
function ascend(sources: Sides[], slopes: Sides[], k: number): Sides[] {
  const [rate, correct] = [clock(rateName(k)), clock(correctName(k))];
  return sources.map(({ parts, rest }, site) => ({
    parts: climb(parts, slopes[site].parts, rate, correct),
    rest: climb(rest, slopes[site].rest, rate, correct),
  }));
}

/** The adversary's sources of every map. */
function sourcesOf(taken: Taken[], { subcomponents, adversary: { beta1, beta2 } }: VpdShape): Sides[] {
  return taken.map(({ site: { name } }) => ({
    parts: source(subcomponents, `source${name}`, beta1, beta2),
    rest: source(1, `rest${name}`, beta1, beta2),
  }));
}

/** What a sample is masked with: the adversary's sources where it is attacked (1), else uniform ones (0). */
function lotsOf(taken: Taken[], sources: Sides[], isAttacked: Node): Sides[] {
  return sources.map(({ parts, rest }, k) => {
    const { name } = taken[k].site;
    return {
      parts: between(uniform(parts.size, `mask${name}`), parts, isAttacked),
      rest: between(uniform(1, `rest${name}`), rest, isAttacked),
    };
  });
}

/** The error of a sample under the masks that are its lot, and the sources after all ascents of the step. */
function attacked(
  family: Family,
  own: VpdShape,
  taken: Taken[],
  { x, b, target }: Record<'x' | 'b' | 'target', Node>,
  batch: number,
): { error: Node; sources: Sides[] } {
  const { share, ascents } = own.adversary;
  const slopesOf = (way: Way) => sourceSlopes(family, taken, way, target, batch);
  let sources = sourcesOf(taken, own);
  for (let k = 0; k < ascents; k++)
    sources = ascend(sources, slopesOf(walk(taken, x, b, masksOf(taken, sources))), k);
  const isAttacked = below(uniform(1, 'adversarial'), share);
  const off = missing(taken.length, uniform(1, 'choice')).map((own) => without(isAttacked, own));
  const way = walk(taken, x, b, masksOf(taken, lotsOf(taken, sources, isAttacked)), off);
  const last = slopesOf(way).map(({ parts, rest }): Sides => {
    return { parts: times(parts, isAttacked), rest: mul(rest, isAttacked) };
  });
  const excess = sub(activate(family.outputActivation, way.sum), target);
  const error = squared(excess, 1 / family.features, column('reconstruction', 1));
  return { error, sources: ascend(sources, last, ascents) };
}

/**
 * Losses of a sample, with y the unchanged model's output: ‖y′ − y‖² / n under the masks that are its lot, of every map
 * minimality Σ ψ and frequency Σ ψ log2(1 + scale · mean of ψ), and the misfits; beside them what becomes of the
 * adversary's sources. Before the loss they climb `ascents` times, as if every sample were theirs, and once behind it
 * where they were used.
 */
export function adversarialLosses(
  family: Family,
  own: VpdShape,
  all: Tensors,
  x: Node,
  batch: number,
): Node[] {
  const h = matT(all.W, x);
  const taken = takeApart(family, all, ({ name }) => (name === 'In' ? x : h));
  const target = activate(family.outputActivation, add(mat(all.W, h), all.b));
  const { error, sources } = attacked(family, own, taken, { x, b: all.b, target }, batch);
  return [
    error,
    ...taken.map(({ psi }) => l1(psi, 1, column('minimality', 1))),
    ...taken.map(({ psi }) => frequent(psi, own.frequencyScale, column('frequency', 1))),
    ...misfits(family, all),
    ...sources.flatMap(({ parts, rest }) => [parts, rest]),
  ];
}

/** Clocks of a step: γ on its line, and the rate and correction of every ascent of the sources. */
export function ascentClocks(
  { sharpness: { from, to }, adversary }: VpdShape,
  { steps }: Pick<Training, 'steps'>,
  step: number,
): Record<string, number> {
  const { ascents, learningRate, warmup } = adversary;
  const out: Record<string, number> = { gamma: from + ((to - from) * step) / Math.max(1, steps - 1) };
  const rate = learningRate * Math.min(1, (step + 1) / Math.max(1, warmup * steps));
  for (let k = 0; k <= ascents; k++) {
    const { correct1, correct2 } = corrections(adversary, step * (ascents + 1) + k);
    out[rateName(k)] = rate * correct1;
    out[correctName(k)] = correct2;
  }
  return out;
}
