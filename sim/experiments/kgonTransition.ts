/** Which k-gon a Bayesian posterior prefers, over the number of samples: free energies from exact levels and exact λ. */
import {
  freeEnergy,
  type Phase,
  phaseTransitions,
  preferredPhase,
  type Transition,
} from '../theory/freeEnergy.ts';
import { near, noted, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';
import { type KgonPhase, paperPhases } from './kgons.ts';

/** Free energies of P phases over N sample sizes. */
export interface FreeEnergies {
  excess: number[][]; // (P, N) F_n above that of the phase preferred at n
  transitions: Transition[];
}

export interface KgonTransitionData {
  n: number[]; // (N) rising
  phases: Phase[]; // (P)
  plain: FreeEnergies; // n L + λ ln n
  prior: FreeEnergies; // with ½‖w*‖², of a standard normal prior, added
}

const N = Array.from({ length: 121 }, (_, k) => 2 * 10 ** ((k * 3.5) / 120));

const phaseOf = ({ name, level, lambda, half }: KgonPhase, prior: boolean): Phase => ({
  name,
  level,
  lambda,
  offset: prior ? half : 0,
});

function energiesOf(phases: Phase[]): FreeEnergies {
  const least = N.map((n) => freeEnergy(preferredPhase(phases, n), n));
  return {
    excess: phases.map((phase) => N.map((n, k) => freeEnergy(phase, n) - least[k])),
    transitions: phaseTransitions(phases, N),
  };
}

function data(): KgonTransitionData {
  const all = paperPhases();
  const [phases, biased] = [false, true].map((prior) => all.map((own) => phaseOf(own, prior)));
  return { n: N, phases, plain: energiesOf(phases), prior: energiesOf(biased) };
}

/** n with n / ln n = Δλ / ΔL, by Newton's method: where two phases change places. */
function balance(gain: number, cost: number): number {
  let n = (cost / gain) * 10;
  for (let k = 0; k < 100; k++) n -= (gain * n - cost * Math.log(n)) / (gain - cost / n);
  return n;
}

const describe = (all: readonly Transition[]): string =>
  all.map(({ from, to, n }) => `${from} to ${to} at n = ${n.toFixed(0)}`).join(', ') || 'none';

/** Whether every transition is to a phase of lower loss, and of higher λ where it does not leave a square. */
const trades = (all: readonly Transition[], phases: readonly Phase[]): boolean =>
  all.every(({ from, to }) => {
    const [before, after] = [from, to].map((name) => phases.find((phase) => phase.name === name)!);
    return after.level < before.level && (from.startsWith('4') || after.lambda > before.lambda);
  });

/** Where a phase gives way to another, NaN if it does not. */
const between = ({ transitions: all }: FreeEnergies, from: string, to: string): number =>
  all.find((own) => own.from === from && own.to === to)?.n ?? Number.NaN;

function signature({ phases, plain, prior }: KgonTransitionData): Claim[] {
  const find = (name: string) => phases.find((phase) => phase.name === name)!;
  const [five, six] = [find('5'), find('6')];
  const all = [...plain.transitions, ...prior.transitions];
  const exact = balance(five.level - six.level, six.lambda - five.lambda);
  const last = (own: FreeEnergies) => own.transitions.at(-1)?.to ?? 'none';
  const isBetween = ({ from, to }: Transition) => from === '5⁺' || to === '5⁺';
  return [
    noted(
      statement(
        'as n grows the posterior goes from k-gons of high loss to those of low loss and higher λ',
        'CHEN-N',
        'transitions, each to a lower loss; from the pentagon on to a higher λ',
        `${describe(plain.transitions)}; with the prior ${describe(prior.transitions)}`,
        plain.transitions.length > 0 && prior.transitions.length > 0 && trades(all, phases),
      ),
      'among squares λ counts the directions in which the loss grows, which is not analytic there; a square is preferred for its prior',
    ),
    near(
      'the pentagon gives way to the hexagon where n / ln n = Δλ / ΔL',
      'exact; tolerance of one sample',
      between(plain, '5', '6'),
      exact,
      1,
    ),
    statement(
      'many samples prefer the hexagon, and 5⁺, of its λ and a higher loss, is never preferred',
      'exact',
      'hexagon last, 5⁺ nowhere',
      `${last(plain)} and ${last(prior)} last, ${all.some(isBetween) ? '5⁺ between' : '5⁺ nowhere'}`,
      last(plain) === '6' && last(prior) === '6' && !all.some(isBetween),
    ),
  ];
}

export const kgonTransition: Experiment<KgonTransitionData> = {
  name: 'kgon-transition',
  id: 'L2',
  paper: 'learning',
  section: 'Bayesian transitions',
  title: 'Which k-gon has the least free energy',
  caption:
    'Free energies of the phases over the number of samples n, above the least of them: exact levels L, and λ half the ' +
    'rank of the exact Hessian. Left: F_n = n L + λ ln n. Right: with ½‖w*‖² added, which is what a standard normal prior ' +
    'takes off there. Few samples prefer a simple phase, many the hexagon, which loses least. Where a curve touches 0 its ' +
    'phase is preferred; dotted lines are the transitions.',
  seconds: { quick: 1, paper: 1 },
  specs: () => [],
  data,
  signature,
};
