/**
 * The local learning coefficient λ̂(w*) = nβ (E[L(w)] − L(w*)) over chains of Langevin dynamics that begin at w* (Lau,
 * Murfet & Wei 2023), from their recorded losses. λ of a regular minimum in d dimensions is d/2.
 */
import { median } from './replicas.ts';

/** Recorded losses of one chain, the first of them L(w*) on the same samples. */
type Trace = ArrayLike<number>;

/** What became of a chain: it stayed, it fell below L(w*) and is in another phase, or its loss is no number. */
export type ChainEnd = 'stayed' | 'left' | 'diverged';

/** One chain: λ̂ from its losses behind the burn-in, and how it ended. */
export interface ChainEstimate {
  lambda: number;
  end: ChainEnd;
}

/** A chain has left its phase when the mean loss of one of so many equal parts of it is below L(w*). */
const WINDOWS = 10;

function meanFrom(trace: Trace, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += trace[k];
  return sum / (to - from);
}

/** Whether the mean of a window of the trace, its first entry apart, lies below that entry. */
function hasLeft(trace: Trace): boolean {
  const length = (trace.length - 1) / WINDOWS;
  for (let k = 0; k < WINDOWS; k++) {
    const [from, to] = [1 + Math.floor(k * length), 1 + Math.floor((k + 1) * length)];
    if (to > from && meanFrom(trace, from, to) < trace[0]) return true;
  }
  return false;
}

/** λ̂ of one chain; the first `burnIn` (a share) of its trace is left out of the mean. */
export function chainEstimate(trace: Trace, inverseTemperature: number, burnIn: number): ChainEstimate {
  const from = 1 + Math.floor(burnIn * (trace.length - 1));
  const lambda = inverseTemperature * (meanFrom(trace, from, trace.length) - trace[0]);
  if (!Number.isFinite(lambda)) return { lambda: Number.NaN, end: 'diverged' };
  return { lambda, end: hasLeft(trace) ? 'left' : 'stayed' };
}

/** λ̂ of a model from several chains. Those that left or diverged are counted, and not averaged. */
export interface Coefficient {
  /** estimate: of the chains that stayed. Else all chains left: w* is no minimum at this temperature. */
  status: 'estimate' | 'not at a minimum';
  lambda: number; // mean over the chains that stayed; of all finite ones where none did, and then it means nothing
  sd: number; // over the same chains; NaN for fewer than two
  stayed: number;
  left: number;
  diverged: number;
}

/** Mean and standard deviation of some numbers, NaN where there are too few. */
function spread(values: number[]): { mean: number; sd: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : Number.NaN };
}

/** λ̂ of one model. A negative λ̂ is never cut at 0: chains that earn one have left. */
export function coefficientOf(chains: readonly ChainEstimate[]): Coefficient {
  const of = (end: ChainEnd) => chains.filter((chain) => chain.end === end);
  const [stayed, left] = [of('stayed'), of('left')];
  const { mean, sd } = spread((stayed.length > 0 ? stayed : left).map(({ lambda }) => lambda));
  return {
    status: stayed.length > 0 ? 'estimate' : 'not at a minimum',
    lambda: mean,
    sd,
    stayed: stayed.length,
    left: left.length,
    diverged: chains.length - stayed.length - left.length,
  };
}

/** A run of neighbouring settings over which an estimate hardly moves. */
export interface Plateau {
  from: number; // place of its first setting
  to: number; // place of its last
  value: number; // median over it
}

/**
 * The longest run of at least three settings, in their order, whose estimates all lie within `tolerance` (a share) of
 * their median; null if there is none. Estimates that are no number end a run.
 */
export function findPlateau(values: readonly number[], tolerance = 0.1): Plateau | null {
  let best: Plateau | null = null;
  for (let from = 0; from < values.length; from++) {
    for (let to = from + 2; to < values.length; to++) {
      const own = values.slice(from, to + 1);
      const value = median(own);
      if (!own.every((x) => Math.abs(x - value) <= tolerance * Math.abs(value))) continue;
      if (!best || to - from > best.to - best.from) best = { from, to, value };
    }
  }
  return best;
}
