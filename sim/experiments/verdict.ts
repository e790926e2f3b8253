/**
 * Whose a claim is, and what is found of it. A claim that does not hold is contradicted by a calculation, exact or sampled with its standard error, or
 * holds for a solution that training did not reach, or is open; either of the first two words is earned by numbers
 * that the claim carries.
 */
import type { Claim } from './experiment.ts';

/** statement: of the paper that the figure is of. calibration: a bound read off one run, or ours. other: another's setting. */
export const CLAIM_KINDS = ['statement', 'exact', 'calibration', 'other'] as const;
export type ClaimKind = (typeof CLAIM_KINDS)[number];

export const VERDICTS = ['holds', 'contradicted', 'not reached', 'open'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the sources of claims are called, and whose a claim of each is. A claim's `source` begins with one of them. */
const SOURCES = {
  TMS: ['statement', 'Elhage et al. 2022, Toy Models of Superposition'],
  DD: ['statement', 'Henighan et al. 2023, Superposition, Memorization, and Double Descent'],
  SHARK: ['statement', 'Sharkey, Braun and Millidge 2022, Taking features out of superposition'],
  MAY23: ['statement', 'Anthropic, Circuits Updates of May 2023'],
  ABS: ['statement', 'Chanin et al. 2024, A is for absorption'],
  HEDGE: ['statement', 'Chanin et al. 2025, Feature hedging'],
  MAT: ['statement', 'Bussmann et al. 2025, Matryoshka sparse autoencoders'],
  SBW: ['statement', 'Chanin and Garriga-Alonso 2025, on the L0 of sparse autoencoders'],
  SSB: ['statement', 'SynthSAEBench 2026'],
  BOWS: ['statement', 'Prieto et al. 2026, on correlations and the geometry of features'],
  'CHEN-N': ['statement', 'Chen et al. 2023, Dynamical versus Bayesian phase transitions'],
  SPD: ['statement', 'Bushnaq et al. 2025, Stochastic parameter decomposition'],
  'SPD-PR': [
    'other',
    'seeds that the maintainers of SPD found broken, 13 to 18 of 90 (their pull request 78)',
  ],
  PD: ['statement', 'Bushnaq et al. 2026, Interpreting Language Model Parameters, and the code beside it'],
  JUL23: ['statement', 'Anthropic, Circuits Updates of July 2023'],
  IW: ['statement', 'Anthropic 2025, A toy model of interference weights'],
  CC26: ['statement', 'arXiv 2606.14673 of 2026, on compressed computation and the mixing matrix'],
  LIU: ['statement', 'Liu, Liu and Gore 2025, Superposition yields robust neural scaling'],
  exact: ['exact', 'a closed form or an exact expected loss'],
  'CHEN-F': ['exact', 'the closed form of Chen et al. 2023 for density 0'],
  NB: ['calibration', "the released notebook, and a check of the authors' saved run"],
  ours: ['calibration', 'a bound of ours'],
  SARD: ['other', 'an independent reproduction in five seeds (coeiico/sardines-mlp)'],
  'CHEN-R': ['other', 'an independent reproduction of Chen et al. 2023'],
  ARENA: ['other', 'exercises of the ARENA course'],
} as const satisfies Record<string, readonly [ClaimKind, string]>;

type SourceName = keyof typeof SOURCES;
/** 'TMS', 'TMS; bound ours', 'exact, at density 0': a name, then what else there is to say. */
export type ClaimSource = SourceName | `${SourceName}${',' | ';' | ':' | ' ' | '-'}${string}`;

/** The exact value of what is claimed. It contradicts the claim where it lies outside [least, most]. */
export interface ExactNumber {
  kind: 'exact';
  what: string; // what was calculated
  value: number;
  error?: number; // standard error, where it was sampled; four of them must lie outside too
  least?: number; // the range that the claim allows
  most?: number;
}

/** A loss that the claimed solution has, below that of the models which do not show it. */
export interface Shortfall {
  kind: 'shortfall';
  what: string; // what was tried
  reached: number; // loss of the models that do not show it
  best: number; // loss of the best known solution, which does
  harder: string; // the command that tries harder
}

/** A larger trial of the same statement: so many of so many models show it, under stated settings. */
interface Trial {
  kind: 'trial';
  what: string;
  count: number;
  of: number;
}

export type Evidence = ExactNumber | Shortfall | Trial;

/** The name that the source of a claim begins with. */
export function sourceNameOf({ source }: Pick<Claim, 'source'>): SourceName {
  const names = Object.keys(SOURCES) as SourceName[];
  const found = names.filter((name) => source.startsWith(name)).sort((a, b) => b.length - a.length);
  if (found.length === 0) throw new RangeError(`source: expected ${names.join(', ')}, got ${source}`);
  return found[0];
}

/** What a name of a source stands for. */
export const sourceInWords = (name: SourceName): string => SOURCES[name][1];

/** Kind of a claim, by the name that its source begins with. */
export const kindOf = (claim: Pick<Claim, 'source'>): ClaimKind => SOURCES[sourceNameOf(claim)][0];

/** Relative difference of losses below which two solutions are one. */
const SAME_LOSS = 1e-6;

/** Whether evidence settles a claim that does not hold, and how. */
function settles(evidence: Evidence): Verdict | null {
  if (evidence.kind === 'exact') {
    const { value, error = 0, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = evidence;
    return value + 4 * error < least || value - 4 * error > most ? 'contradicted' : null;
  }
  if (evidence.kind === 'trial') return null;
  return evidence.best < evidence.reached * (1 - SAME_LOSS) ? 'not reached' : null;
}

/** The verdict on a claim, from its numbers alone. */
export function verdictOf({ holds, evidence = [] }: Pick<Claim, 'holds' | 'evidence'>): Verdict {
  if (holds) return 'holds';
  const found = evidence.map(settles);
  if (found.includes('contradicted')) return 'contradicted';
  return found.includes('not reached') ? 'not reached' : 'open';
}

/** A claim with whose it is and its verdict written out, for other programs. */
export function judged<C extends Claim>(claim: C): C & { kind: ClaimKind; verdict: Verdict } {
  return { ...claim, kind: kindOf(claim), verdict: verdictOf(claim) };
}

/** How many claims got each verdict. */
type Tally = { of: number } & Record<Verdict, number>;

export function tally(claims: readonly Claim[]): Tally {
  const out: Tally = { of: claims.length, holds: 0, contradicted: 0, 'not reached': 0, open: 0 };
  for (const claim of claims) out[verdictOf(claim)]++;
  return out;
}

/** Claims of one kind. */
export const ofKind = <C extends Claim>(claims: readonly C[], kind: ClaimKind): C[] =>
  claims.filter((claim) => kindOf(claim) === kind);

const KIND_NAMES: Record<ClaimKind, [one: string, many: string]> = {
  statement: ['statement of the paper', 'statements of the paper'],
  exact: ['exact result', 'exact results'],
  calibration: ['calibration', 'calibrations'],
  other: ["claim under another's settings", "claims under others' settings"],
};

/** "52 of 60 statements of the paper hold, 5 are contradicted by calculation, 3 were not reached, 0 are open" */
function countOf(claims: readonly Claim[], kind: ClaimKind): string | null {
  const { of, holds, contradicted, open, ...rest } = tally(ofKind(claims, kind));
  if (of === 0) return null;
  const failing = [
    [contradicted, 'contradicted by calculation'],
    [rest['not reached'], 'not reached'],
    [open, 'open'],
  ].filter(([count]) => count !== 0);
  const lost = failing.map(([count, word]) => `, ${count} ${word}`).join('');
  return `${holds} of ${of} ${KIND_NAMES[kind][of === 1 ? 0 : 1]} ${of === 1 ? 'holds' : 'hold'}${lost}`;
}

/** The counts of all kinds, one text each, statements of the paper first. */
export function counts(claims: readonly Claim[]): string[] {
  return CLAIM_KINDS.flatMap((kind) => countOf(claims, kind) ?? []);
}
