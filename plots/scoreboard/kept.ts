/** The scoreboards that are kept, one a scale: what the last runs found, for the pages and the command line. */
import type { Scale } from '../../sim/experiments/experiment.ts';
import { type KeptEvidence, withKept } from '../../sim/settle/settled.ts';
import type { KeptTried } from '../../sim/settle/settings.ts';
import type { Scoreboard } from '../scoreboard.ts';
import paper from './paper.json' with { type: 'json' };
import quick from './quick.json' with { type: 'json' };
import settled from './settled.json' with { type: 'json' };
import settings from './settings.json' with { type: 'json' };

/** What `superpose settle` found. */
export const keptEvidence = settled as KeptEvidence[];

/** What `superpose settle --settings` counted. */
export const keptTrials = settings as KeptTried[];

/** A board whose claims carry the evidence that was found since. */
function informed(board: Scoreboard): Scoreboard {
  const figures = board.figures.map((figure) => {
    const bare = figure.claims.map((claim) => (claim.evidence ? null : claim));
    const kept = withKept(bare.flatMap((claim) => claim ?? []), figure.name, board.scale, keptEvidence);
    return { ...figure, claims: figure.claims.map((claim) => (claim.evidence ? claim : kept.shift()!)) };
  });
  return { ...board, figures };
}

export const boards: Readonly<Record<Scale, Scoreboard>> = {
  quick: informed(quick as Scoreboard),
  paper: informed(paper as Scoreboard),
};
