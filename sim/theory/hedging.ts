/**
 * Hedging, exactly: a dictionary with too few latents mixes features that come together, although they are
 * orthogonal, since each explains a part of the other's error.
 */
import {
  axisCosine,
  type BestDictionary,
  bestDictionary,
  plain,
  type Support,
  startAt,
} from './dictionary.ts';

/** How often f1 comes with f0 and without it. */
export interface Company {
  first: number; // P(f0)
  with: number; // P(f1 | f0)
  without: number; // P(f1 | not f0)
}

/** f0 and n − 1 others on orthonormal axes, of magnitude 1 and independent of each other given f0. */
export function companySupport({ first, with: a, without: b }: Company, n = 2): Support {
  const probability = new Float64Array(2 ** n);
  const points = new Float64Array(2 ** n * n);
  for (let p = 0; p < 2 ** n; p++) {
    const on = p & 1;
    probability[p] = on ? first : 1 - first;
    points[p * n] = on;
    for (let i = 1; i < n; i++) {
      const rate = on ? a : b;
      points[p * n + i] = (p >> i) & 1;
      probability[p] *= (p >> i) & 1 ? rate : 1 - rate;
    }
  }
  return { size: n, probability, points };
}

/** Rates of f1 that give it probability `second` and correlation `rho` with f0. @throws RangeError if none do. */
export function companyOf(first: number, second: number, rho: number): Company {
  const both = first * second + rho * Math.sqrt(first * (1 - first) * second * (1 - second));
  const company = { first, with: both / first, without: (second - both) / (1 - first) };
  for (const rate of [company.with, company.without]) {
    if (!(rate >= 0 && rate <= 1))
      throw new RangeError(`rho: expected rates in [0, 1], got ${rate} at ${rho}`);
  }
  return company;
}

/** What the latent of f0 takes of f1. */
export interface Hedge extends BestDictionary {
  own: number; // cos(decoder, f0)
  other: number; // cos(decoder, f1)
  encoderRatio: number; // encoder's f1 part over its f0 part
}

/** The exact optimum of `latents` latents for n features at sparsity λ; the latent looked at is the one nearest to f0. */
export function hedge(company: Company, sparsity: number, latents = 1, n = 2): Hedge {
  const axes = Array.from({ length: latents * n }, (_, at) => (Math.floor(at / n) === at % n ? 1 : 0));
  const tilted = (by: number) => axes.map((value, at) => (at > 0 && at < n ? by : value));
  const starts = [axes, tilted(0.5), tilted(-0.5)].map((directions) => startAt(directions, n));
  const best = bestDictionary(companySupport(company, n), plain(latents, sparsity), starts);
  const cosines = Array.from({ length: latents }, (_, i) => axisCosine(best.dictionary, i, 0));
  const latent = cosines.indexOf(Math.max(...cosines));
  const { encoder } = best.dictionary;
  return {
    ...best,
    own: cosines[latent],
    other: axisCosine(best.dictionary, latent, 1),
    encoderRatio: encoder[latent * n + 1] / encoder[latent * n],
  };
}
