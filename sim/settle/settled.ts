/** Evidence that takes longer than its figure: made by `superpose settle`, kept in plots/scoreboard/settled.json. */

import type { TrainEvent } from '../block.ts';
import type { Claim, Scale } from '../experiments/experiment.ts';
import type { Evidence } from '../experiments/verdict.ts';

/** Sees the events of the trainings on the way. */
export type Watch = (event: TrainEvent) => void;

/** Evidence on the claim of a figure that has this text. */
export interface Settled {
  figure: string;
  text: string;
  evidence: Evidence[];
}

/** What is kept: evidence, and when and by which command it was made. */
export interface KeptEvidence extends Settled {
  scale: Scale;
  date: string; // YYYY-MM-DD
  command: string;
}

/** Claims of a figure with the evidence that is kept for them: exact numbers of any scale, losses reached of this one. */
export function withKept<C extends Claim>(
  claims: readonly C[],
  figure: string,
  scale: Scale,
  kept: readonly KeptEvidence[],
): C[] {
  return claims.map((claim) => {
    const own = kept.filter((one) => one.figure === figure && one.text === claim.text);
    const evidence = own.flatMap((one) => one.evidence.filter(({ kind }) => kind === 'exact' || one.scale === scale)); // biome-ignore format: one line
    return evidence.length === 0 ? claim : { ...claim, evidence: [...(claim.evidence ?? []), ...evidence] };
  });
}

/** `kept` with the evidence of `fresh` in place of what it had on the same figures and scale. */
export function replaced(kept: readonly KeptEvidence[], fresh: readonly KeptEvidence[]): KeptEvidence[] {
  const renewed = (one: KeptEvidence) =>
    fresh.some(({ figure, scale }) => figure === one.figure && scale === one.scale);
  return [...kept.filter((one) => !renewed(one)), ...fresh];
}
