/** What each head of trained and of built models looks at, and what that adds to the logit of the right token. */
import type { TrainedModels } from '../join.ts';
import { type Heads, headsAt } from '../metrics/attention.ts';
import { type HeadEdge, type HeadPull, headEdges, headPulls } from '../metrics/wiring.ts';
import { builtHeads, isAtFloor, missedShare, sequencesOf, trainedSpec, trialsOf } from './attention.ts';
import { decidedBy, noted, shareAtLeast } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';

/** One model's wiring. */
interface Wired {
  name: string;
  heads: number;
  missed: number | null; // share of what the source can tell; null of heads that are built
  edges: HeadEdge[];
}

/** A trigram in a model that reaches the floor: what each head does to the right logit. */
interface Tally {
  row: number;
  heads: number;
  last: number;
  pulls: HeadPull[]; // (H)
}

export interface WiringData {
  destinations: number;
  models: Wired[];
  tallies: Tally[];
}

const DESTINATIONS = 4;
const SEQUENCES = 1024;
/** A head takes part in a trigram with a pull of at least this share of the strongest; ours. */
const PART = 0.1;
const BUILT = { a: 5, sharpness: 5 };

const strength = ({ withSource, without }: HeadPull): number =>
  Math.max(Math.abs(withSource), Math.abs(without));

/** Heads that take part in a trigram. */
export function headsIn(pulls: readonly HeadPull[]): number {
  const most = pulls.map(strength).reduce((a, b) => Math.max(a, b));
  return pulls.filter((own) => strength(own) >= PART * most).length;
}

/** Whether heads that pull the right token up and down without a source cancel to less than a tenth of what they do with one. */
export function cancels(pulls: readonly HeadPull[]): boolean {
  const sum = (of: (own: HeadPull) => number) => pulls.reduce((total, own) => total + of(own), 0);
  const up = sum(({ without }) => Math.max(0, without));
  const together = sum(({ withSource }) => withSource);
  return up >= PART * together && Math.abs(sum(({ without }) => without)) < PART * together;
}

async function data([result]: TrainedModels[]): Promise<WiringData> {
  const sequences = sequencesOf(DESTINATIONS, SEQUENCES);
  const trials = trialsOf(result).filter(({ destinations }) => destinations === DESTINATIONS);
  const headsOf = (row: number): Heads => {
    const group = result.groups.find(({ rows }) => rows.includes(row))!;
    return headsAt(group.params, group.problem.family, group.rows.indexOf(row));
  };
  const wired = (name: string, own: Heads, missed: number | null): Wired => ({
    name,
    heads: own.heads.length,
    missed,
    edges: headEdges(own, sequences, DESTINATIONS),
  });
  const best = [...new Set(trials.map(({ heads }) => heads))].map((heads) =>
    trials.filter((one) => one.heads === heads).reduce((a, b) => (missedShare(b) < missedShare(a) ? b : a)),
  );
  return {
    destinations: DESTINATIONS,
    models: [
      wired('two heads, built', builtHeads(DESTINATIONS, BUILT.a, BUILT.sharpness), null),
      ...best.map((one) =>
        wired(
          `${['one head', 'two heads', 'three heads'][one.heads - 1]}, trained`,
          headsOf(one.row),
          missedShare(one),
        ),
      ),
    ],
    tallies: trials.filter(isAtFloor).flatMap(({ row, heads }) =>
      Array.from({ length: DESTINATIONS }, (_, k) => ({
        row,
        heads,
        last: k + 1,
        pulls: headPulls(headsOf(row), sequences, k + 1, DESTINATIONS),
      })),
    ),
  };
}

/** The trigrams of each model. */
function byModel(tallies: readonly Tally[]): Tally[][] {
  const rows = [...new Set(tallies.map(({ row }) => row))];
  return rows.map((row) => tallies.filter((own) => own.row === row));
}

function signature({ destinations, tallies }: WiringData): Claim[] {
  const spread = tallies.filter(({ heads }) => heads < destinations);
  const two = byModel(tallies.filter(({ heads }) => heads === 2));
  const cancelled = (own: Tally[]) => own.filter(({ pulls }) => cancels(pulls)).length;
  return [
    ...decidedBy(
      0,
      byModel(spread).map(([own]) => own),
      [
        noted(
          shareAtLeast(
            'with more trigrams than heads each trigram is spread over two heads or more: trigrams of models at the floor',
            'MAY23; nine in ten, ours',
            spread.filter(({ pulls }) => headsIn(pulls) >= 2).length,
            spread.length,
            0.9,
          ),
          'a head takes part if what it adds to the right logit is a tenth of what the strongest head adds, or more',
        ),
      ],
    ),
    ...decidedBy(
      0,
      two.map(([own]) => own),
      [
        noted(
          shareAtLeast(
            'two heads do all trigrams but one at most by cancelling: without a source one head pulls the right token up as far ' +
              'as the other pulls it down; models at the floor',
            'JUL23; nine in ten, ours',
            two.filter((own) => cancelled(own) >= destinations - 1).length,
            two.length,
            0.9,
          ),
          'up by a tenth of the logit that both add with a source, or more, and together by less than that. One trigram can do ' +
            'without: if both heads look at the source, what they say is the same for every last token',
        ),
      ],
    ),
  ];
}

export const attentionWiring: Experiment<WiringData> = {
  name: 'attention-wiring',
  id: 'AT3',
  paper: 'attention',
  section: 'Trained heads',
  title: 'What each head looks at, and what it says',
  caption:
    'A row for each model of four trigrams, a column for each head. A line from a token that the head looks at to the ' +
    'successor K + k of the last token k: as wide as the attention with a source before, and pale as it is without one; ' +
    'blue where it raises the logit of the successor above the mean, orange where it lowers it. Trained pairs of heads ' +
    'do for each trigram what the built pair does, in either order.',
  seconds: { quick: 5, paper: 10 },
  specs: (scale) => [trainedSpec(scale)],
  data,
  signature,
};
