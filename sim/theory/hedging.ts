/**
 * Hedging, exactly: a dictionary with too few latents mixes features that come together, although they are
 * orthogonal, since each explains a part of the other's error.
 */
import {
  axisCosine,
  type BestDictionary,
  bestDictionary,
  type Dictionary,
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
interface Hedge extends BestDictionary {
  own: number; // cos(decoder, f0)
  other: number; // cos(decoder, f_i), mean over i > 0
  encoderRatio: number; // mean of the encoder's other parts over its f0 part
}

/**
 * What the latent nearest to f0, or to its opposite, takes of the others, mean over them: parts of the sign of f0's own.
 * A latent along −f0 fires where f0 is missing, its decoder bias standing for f0.
 */
export function hedgeOf(dictionary: Dictionary): Pick<Hedge, 'own' | 'other' | 'encoderRatio'> {
  const n = dictionary.decoderBias.length;
  const cosines = Array.from(dictionary.encoderBias, (_, i) => axisCosine(dictionary, i, 0));
  const sizes = cosines.map(Math.abs);
  const latent = sizes.indexOf(Math.max(...sizes));
  const sign = Math.sign(cosines[latent]);
  const row = dictionary.encoder.subarray(latent * n, (latent + 1) * n);
  const others = Array.from({ length: n - 1 }, (_, k) => axisCosine(dictionary, latent, k + 1));
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / (n - 1);
  return { own: sizes[latent], other: sign * mean(others), encoderRatio: mean(row.subarray(1)) / row[0] };
}

/** The same start with the mean of the inputs as decoder bias, and latents that fire there a little. */
function aroundMean(start: Dictionary, { size: n, probability, points }: Support): Dictionary {
  const mean = new Float64Array(n);
  points.forEach((value, at) => {
    mean[at % n] += probability[Math.floor(at / n)] * value;
  });
  return { ...start, decoderBias: mean, encoderBias: start.encoderBias.map(() => 0.1) };
}

/** The exact optimum of `latents` latents for n features at sparsity λ; the latent looked at is the one nearest to f0. */
export function hedge(company: Company, sparsity: number, latents = 1, n = 2): Hedge {
  const axes = Array.from({ length: latents * n }, (_, at) => (Math.floor(at / n) === at % n ? 1 : 0));
  const tilted = (by: number) => axes.map((value, at) => (at > 0 && at < n ? by : value));
  const turned = axes.map((value, at) => (at < n ? -value : value));
  const starts = [axes, tilted(0.5), tilted(-0.5), turned].map((directions) => startAt(directions, n));
  const support = companySupport(company, n);
  const best = bestDictionary(support, plain(latents, sparsity), [
    ...starts,
    ...starts.map((start) => aroundMean(start, support)),
  ]);
  return { ...best, ...hedgeOf(best.dictionary) };
}
