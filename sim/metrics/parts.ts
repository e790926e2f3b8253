/**
 * Scores of decomposed models: which subcomponents are alive, which features they carry, and what masks can do to the
 * output. n features, m hidden dimensions, C subcomponents of every map; models/parts.ts has the formulas.
 */
import { lengthOf, square } from '../elementary.ts';
import { normalCdf } from '../normal.ts';
import { assign } from './assignment.ts';

/** One map of a model and its subcomponents: v (reads) → writes. */
export interface SiteParts {
  name: 'In' | 'Mid' | 'Out';
  method: 'spd' | 'vpd'; // a perceptron of every subcomponent, which reads V_c · v, or one of the map, which reads v
  reads: number;
  writes: number;
  map: Float64Array; // (reads, writes) of the unchanged model
  V: Float64Array; // (C, reads)
  U: Float64Array; // (C, writes)
  inner: Float64Array; // (C, K) of spd, (K, reads) of vpd
  shift: Float64Array; // (C, K) or (K)
  outer: Float64Array; // (C, K)
  base: Float64Array; // (C)
}

/** A decomposed model. */
export interface Decomposed {
  features: number; // n
  hidden: number; // m
  b: Float64Array; // (n)
  rectified: boolean; // whether the output is a ReLU's; else it is the sum itself
  sites: SiteParts[]; // in the order in which a sample meets them
}

/** vᵀM of M (reads, writes). */
export function applied(map: Float64Array, v: ArrayLike<number>, writes: number): Float64Array {
  const out = new Float64Array(writes);
  for (let i = 0; i < v.length; i++) for (let j = 0; j < writes; j++) out[j] += v[i] * map[i * writes + j];
  return out;
}

/** Inner activations V_c · v. Shape (C). */
export function activations(
  { V, reads }: Pick<SiteParts, 'V' | 'reads'>,
  v: ArrayLike<number>,
): Float64Array {
  const out = new Float64Array(V.length / reads);
  for (let c = 0; c < out.length; c++) for (let i = 0; i < reads; i++) out[c] += V[c * reads + i] * v[i];
  return out;
}

/** Φ beyond |z| = 6 is 0 or 1 to 1e-9. */
const gelu = (z: number): number => (z < -6 ? 0 : z > 6 ? z : z * normalCdf(z));

/** Causal importances before they are cut, of a perceptron that reads v. Shape (C). */
function perceived({ inner, shift, outer, base, reads }: SiteParts, v: ArrayLike<number>): Float64Array {
  const units = activations({ V: inner, reads }, v).map((z, k) => gelu(z + shift[k]));
  return activations({ V: outer, reads: units.length }, units).map((sum, c) => sum + base[c]);
}

/** Causal importances g_c in [0, 1] where the unchanged model has v. Shape (C). */
export function importances(site: SiteParts, v: ArrayLike<number>): Float64Array {
  if (site.method === 'vpd') return perceived(site, v).map((sum) => Math.min(1, Math.max(0, sum)));
  const { inner, shift, outer, base } = site;
  const units = inner.length / base.length;
  return activations(site, v).map((s, c) => {
    let sum = base[c];
    for (let at = c * units; at < (c + 1) * units; at++) sum += outer[at] * gelu(inner[at] * s + shift[at]);
    return Math.min(1, Math.max(0, sum));
  });
}

/** What every site of the unchanged model reads of a sample x (n). */
export function cleanInputs({ sites }: Decomposed, x: ArrayLike<number>): ArrayLike<number>[] {
  const inputs: ArrayLike<number>[] = [];
  let v = x;
  for (const { map, writes } of sites) {
    inputs.push(v);
    v = applied(map, v, writes);
  }
  return inputs;
}

/** Length of the probes: one feature alone, at this value. */
export const PROBE = 0.75;
/** From 0 and from 1, what still counts as 0 and 1 in a causal importance. */
export const TOLERANCE = 0.1;

/** Importances of a site's subcomponents for each feature alone. Shape (n, C). */
export function probed(own: Decomposed, site: number): Float64Array {
  const { features: n } = own;
  const rows = Array.from({ length: n }, (_, i) => {
    const x = new Float64Array(n);
    x[i] = PROBE;
    return [...importances(own.sites[site], cleanInputs(own, x)[site])];
  });
  return Float64Array.from(rows.flat());
}

/** Largest importance of each subcomponent over the rows of g (rows, C). Shape (C). */
export function largestImportances(g: Float64Array, C: number): Float64Array {
  const out = new Float64Array(C);
  g.forEach((value, at) => {
    out[at % C] = Math.max(out[at % C], value);
  });
  return out;
}

/** Subcomponents whose importance is above the tolerance for some feature: those that are alive. */
export function alive(g: Float64Array, C: number, tolerance = TOLERANCE): number[] {
  return [...largestImportances(g, C).keys()].filter((c) => largestImportances(g, C)[c] > tolerance);
}

/** The subcomponent of each row of g (n, C) in the matching of largest total importance, n ≤ C. Shape (n). */
export function matching(g: Float64Array, C: number): Int32Array {
  const cost = new Float64Array(C * C);
  g.forEach((value, at) => {
    cost[at] = -value;
  });
  return assign(cost, C).slice(0, g.length / C);
}

/**
 * How far importances g (n, C) are from a permutation: with every feature's own subcomponent by the matching, the
 * entries of others above the tolerance and the own ones below 1 − tolerance. 0: each feature has one subcomponent.
 */
export function identityError(g: Float64Array, C: number, tolerance = TOLERANCE): number {
  const own = matching(g, C);
  return g.reduce((errors, value, at) => {
    const isOwn = own[Math.floor(at / C)] === at % C;
    return errors + Number(isOwn ? value < 1 - tolerance : value > tolerance);
  }, 0);
}

/**
 * How far importances g (rows, C) are from `wanted` subcomponents that are on somewhere: those of the largest that stay
 * below 1 − tolerance, and the entries of all others above it.
 */
export function denseError(g: Float64Array, C: number, wanted: number, tolerance = TOLERANCE): number {
  const largest = largestImportances(g, C);
  const order = [...largest.keys()].sort((p, q) => largest[q] - largest[p] || p - q);
  const chosen = order.slice(0, wanted);
  const weak = chosen.filter((c) => largest[c] < 1 - tolerance).length;
  return weak + g.filter((value, at) => !chosen.includes(at % C) && value > tolerance).length;
}

/** ‖V_c‖ ‖U_c‖ of every subcomponent of a site: the size of its matrix. Shape (C). */
export function sizes({ V, U, reads, writes }: SiteParts): Float64Array {
  return Float64Array.from({ length: V.length / reads }, (_, c) => {
    const side = (M: Float64Array, width: number) => lengthOf(M.subarray(c * width, (c + 1) * width));
    return side(V, reads) * side(U, writes);
  });
}

/** Σ_c V_c ⊗ U_c of some subcomponents. Shape (reads, writes). */
export function together({ V, U, reads, writes }: SiteParts, which: Iterable<number>): Float64Array {
  const out = new Float64Array(reads * writes);
  for (const c of which)
    for (let i = 0; i < reads; i++)
      for (let j = 0; j < writes; j++) out[i * writes + j] += V[c * reads + i] * U[c * writes + j];
  return out;
}

/** ‖W − VU‖ / ‖W‖ of a site. */
export function misfitOf(site: SiteParts): number {
  const all = together(site, Array(site.V.length / site.reads).keys());
  return lengthOf(site.map.map((value, at) => value - all[at])) / lengthOf(site.map);
}

/** Row i of a matrix (rows, width), or its column i where `turned` and it is (width, rows). */
function directionAt(M: Float64Array, i: number, m: number, turned: boolean): Float64Array {
  const n = M.length / m;
  return Float64Array.from({ length: m }, (_, k) => M[turned ? k * n + i : i * m + k]);
}

/**
 * Of every feature's direction in the encoder (In) or decoder (Out), the alive subcomponent whose own direction of that
 * feature has the largest cosine with it: the mean of these cosines (MMCS) and of the ratios of lengths (ML2R).
 */
export function directions(
  { features: n, hidden: m, sites }: Decomposed,
  site: number,
  live: readonly number[],
): { mmcs: number; ml2r: number } {
  const own = sites[site];
  const turned = own.name === 'Out';
  let [cosines, ratios] = [0, 0];
  for (let i = 0; i < n; i++) {
    const truth = directionAt(own.map, i, m, turned);
    let [best, ratio] = [live.length > 0 ? -1 : 0, 0];
    for (const c of live) {
      const part = directionAt(together(own, [c]), i, m, turned);
      const size = lengthOf(part) * lengthOf(truth);
      const cosine = size > 0 ? truth.reduce((sum, value, k) => sum + value * part[k], 0) / size : 0;
      if (cosine <= best) continue;
      [best, ratio] = [cosine, lengthOf(part) / lengthOf(truth)];
    }
    cosines += best / n;
    ratios += ratio / n;
  }
  return { mmcs: cosines, ml2r: ratios };
}

/** Masks of every site: of its subcomponents (C), and of what they leave of the map. */
export interface Masks {
  parts: Float64Array;
  rest: number;
}

/** What a way through the masked sites leaves behind. */
interface Passage {
  inputs: ArrayLike<number>[]; // of every site
  sum: Float64Array; // (n) before the output's activation
}

/** v through all sites under masks: out = Σ_c U_c (m_c − δ) (V_c · v) + δ vᵀM. */
function pass({ sites, b }: Decomposed, x: ArrayLike<number>, masks: readonly Masks[]): Passage {
  const inputs: ArrayLike<number>[] = [];
  let v = x;
  sites.forEach((site, k) => {
    inputs.push(v);
    const { parts, rest } = masks[k];
    const weighted = activations(site, v).map((s, c) => s * (parts[c] - rest));
    const whole = applied(site.map, v, site.writes);
    v = applied(site.U, weighted, site.writes).map((sum, j) => sum + rest * whole[j]);
  });
  return { inputs, sum: b.map((bias, j) => bias + v[j]) };
}

const outputOf = ({ rectified }: Decomposed, sum: Float64Array): Float64Array =>
  rectified ? sum.map((value) => Math.max(0, value)) : sum;

/** Output of the unchanged model. Shape (n). */
export function unchanged(own: Decomposed, x: ArrayLike<number>): Float64Array {
  const last = own.sites[own.sites.length - 1];
  const before = cleanInputs(own, x)[own.sites.length - 1];
  return outputOf(
    own,
    applied(last.map, before, own.features).map((sum, j) => sum + own.b[j]),
  );
}

/** Mean over outputs of the squared error that masks make of a sample. */
export function maskedError(own: Decomposed, x: ArrayLike<number>, masks: readonly Masks[]): number {
  const [got, wanted] = [outputOf(own, pass(own, x, masks).sum), unchanged(own, x)];
  return got.reduce((sum, value, j) => sum + square(value - wanted[j]), 0) / own.features;
}

/** What that error gains per unit of every mask. */
export function maskSlopes(own: Decomposed, x: ArrayLike<number>, masks: readonly Masks[]): Masks[] {
  const { inputs, sum } = pass(own, x, masks);
  const [got, wanted] = [outputOf(own, sum), unchanged(own, x)];
  let d = got.map((value, j) =>
    own.rectified && sum[j] <= 0 ? 0 : (2 * (value - wanted[j])) / own.features,
  );
  const out: Masks[] = [];
  for (let k = own.sites.length - 1; k >= 0; k--) {
    const site = own.sites[k];
    const { parts, rest } = masks[k];
    const s = activations(site, inputs[k]);
    const pull = activations({ V: site.U, reads: site.writes }, d); // U_c · d
    const slopes = s.map((value, c) => value * pull[c]);
    const whole = applied(site.map, inputs[k], site.writes);
    const along = whole.reduce((total, value, j) => total + value * d[j], 0);
    out.unshift({ parts: slopes, rest: along - slopes.reduce((total, value) => total + value, 0) });
    const back = applied(
      site.V,
      pull.map((value, c) => value * (parts[c] - rest)),
      site.reads,
    );
    const through = activations({ V: site.map, reads: site.writes }, d);
    d = back.map((value, i) => value + rest * through[i]);
  }
  return out;
}

/** Sources in [0, 1] of the masks of every site: m_c = g_c + (1 − g_c) s_c, and that of the rest itself. */
export type Sources = Masks[];

/** Masks of a sample whose importances are g (sites)(C). */
export const masksOf = (g: readonly Float64Array[], sources: Sources): Masks[] =>
  sources.map(({ parts, rest }, k) => ({
    parts: parts.map((s, c) => g[k][c] + (1 - g[k][c]) * s),
    rest,
  }));

/** Samples with something active, and their importances at every site. */
export interface Prepared {
  samples: number; // with those in which nothing is active, which masks cannot harm
  x: ArrayLike<number>[];
  g: Float64Array[][]; // of each sample, (sites)(C)
}

/** Importances of all samples of a batch (T, n). */
export function prepare(own: Decomposed, batch: ArrayLike<number>): Prepared {
  const { features: n, sites } = own;
  const all = Array.from({ length: batch.length / n }, (_, t) =>
    Float64Array.from({ length: n }, (_, j) => batch[t * n + j]),
  );
  const x = all.filter((sample) => sample.some((value) => value !== 0));
  const g = x.map((sample) => cleanInputs(own, sample).map((v, k) => importances(sites[k], v)));
  return { samples: all.length, x, g };
}

/** Mean error of samples, each under masks from sources of its own that `drawn` gives one after the other. */
export function stochasticError(own: Decomposed, { samples, x, g }: Prepared, drawn: () => number): number {
  return (
    x.reduce((sum, sample, t) => {
      const sources = g[t].map(({ length }) => ({
        parts: new Float64Array(length).map(drawn),
        rest: drawn(),
      }));
      return sum + maskedError(own, sample, masksOf(g[t], sources));
    }, 0) / samples
  );
}

/** Steps of an attack on the masks, and their length. */
const ATTACK = { steps: 20, length: 0.1 };

/**
 * The error that the worst of the masks make, by an attack afresh: one source for all samples, uniform at first, 20 steps
 * of 0.1 along the sign of its gradient, cut to [0, 1]. Largest mean over the samples on the way.
 */
export function adversarialError(own: Decomposed, prepared: Prepared, drawn: () => number): number {
  const { samples, x, g } = prepared;
  const C = own.sites[0].base.length;
  const sources: Sources = own.sites.map(() => ({ parts: new Float64Array(C).map(drawn), rest: drawn() }));
  const error = () =>
    x.reduce((sum, sample, t) => sum + maskedError(own, sample, masksOf(g[t], sources)), 0) / samples;
  let worst = error();
  for (let step = 0; step < ATTACK.steps; step++) {
    const slopes: Sources = own.sites.map(() => ({ parts: new Float64Array(C), rest: 0 }));
    x.forEach((sample, t) => {
      maskSlopes(own, sample, masksOf(g[t], sources)).forEach(({ parts, rest }, k) => {
        for (let c = 0; c < C; c++) slopes[k].parts[c] += parts[c] * (1 - g[t][k][c]);
        slopes[k].rest += rest;
      });
    });
    const moved = (source: number, slope: number) =>
      Math.min(1, Math.max(0, source + ATTACK.length * Math.sign(slope)));
    sources.forEach((source, k) => {
      source.parts = source.parts.map((s, c) => moved(s, slopes[k].parts[c]));
      source.rest = moved(source.rest, slopes[k].rest);
    });
    worst = Math.max(worst, error());
  }
  return worst;
}
