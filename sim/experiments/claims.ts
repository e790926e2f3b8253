/** Claims of the usual forms. Bounds and tolerances come from the source, never from our own result. */
import { shareOf } from '../metrics/share.ts';
import type { Claim } from './experiment.ts';
import type { ClaimSource, Evidence } from './verdict.ts';

/** At most four significant digits, for tables; 'none' for NaN, where nothing could be measured. */
export function digits(value: number): string {
  if (Number.isNaN(value)) return 'none';
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}

/** measured = target ± tolerance. */
export function near(
  text: string,
  source: ClaimSource,
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
export function atLeast(text: string, source: ClaimSource, measured: number, bound: number): Claim {
  return {
    text,
    source,
    expected: `at least ${digits(bound)}`,
    measured: digits(measured),
    holds: measured >= bound,
  };
}

/** measured ≤ bound. */
export function atMost(text: string, source: ClaimSource, measured: number, bound: number): Claim {
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
  source: ClaimSource,
  expected: string,
  measured: string,
  holds: boolean,
): Claim {
  return { text, source, expected, measured, holds };
}

/** "3 of 5, 60 % (15 to 95)": a share with the ends of its 95 % interval. */
export function shareText(count: number, of: number): string {
  if (of === 0) return 'none of 0';
  const { low, high } = shareOf(count, of);
  const percent = (value: number) => String(Math.round(100 * value));
  return `${count} of ${of}, ${percent(count / of)} % (${percent(low)} to ${percent(high)})`;
}

/**
 * At least `bound` of the trials. Where the share is below the bound but its 95 % interval reaches it, too few trials
 * were made to tell, and `measured` says so.
 */
export function shareAtLeast(
  text: string,
  source: ClaimSource,
  count: number,
  of: number,
  bound: number,
): Claim {
  const holds = of > 0 && count / of >= bound;
  const undecided = !holds && of > 0 && shareOf(count, of).high >= bound;
  return {
    text,
    source,
    expected: `at least ${digits(100 * bound)} %`,
    measured: `${shareText(count, of)}${undecided ? ', undecided' : ''}`,
    holds,
  };
}

/** The same claim with numbers that settle it where it does not hold. */
export function settled(claim: Claim, ...evidence: Evidence[]): Claim {
  return { ...claim, evidence: [...(claim.evidence ?? []), ...evidence] };
}

/** Claims with the models that decided them, rows of the figure's spec number `spec`; claims that name theirs keep them. */
export function decidedBy(
  spec: number,
  models: readonly { row: number }[],
  claims: readonly Claim[],
): Claim[] {
  const rows = models.map(({ row }) => row);
  return claims.map((claim) => ({ models: { spec, rows }, ...claim }));
}

/** The same claim with a remark on it. */
export function noted(claim: Claim, note: string): Claim {
  return { ...claim, note };
}
