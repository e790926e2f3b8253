/** Claims of the usual forms. Bounds and tolerances come from the source, never from our own result. */
import type { Claim } from './experiment.ts';

/** At most four significant digits, for tables; 'none' for NaN, where nothing could be measured. */
export function digits(value: number): string {
  if (Number.isNaN(value)) return 'none';
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}

/** measured = target ± tolerance. */
export function near(
  text: string,
  source: string,
  measured: number,
  target: number,
  tolerance: number,
): Claim {
  return {
    text,
    source,
    expected: `${digits(target)} ± ${digits(tolerance)}`,
    measured: digits(measured),
    holds: Math.abs(measured - target) <= tolerance,
  };
}

/** measured ≥ bound. */
export function atLeast(text: string, source: string, measured: number, bound: number): Claim {
  return {
    text,
    source,
    expected: `at least ${digits(bound)}`,
    measured: digits(measured),
    holds: measured >= bound,
  };
}

/** measured ≤ bound. */
export function atMost(text: string, source: string, measured: number, bound: number): Claim {
  return {
    text,
    source,
    expected: `at most ${digits(bound)}`,
    measured: digits(measured),
    holds: measured <= bound,
  };
}

/** A statement that is no single number. */
export function statement(
  text: string,
  source: string,
  expected: string,
  measured: string,
  holds: boolean,
): Claim {
  return { text, source, expected, measured, holds };
}

/** The same claim with a remark on it. */
export function noted(claim: Claim, note: string): Claim {
  return { ...claim, note };
}
