/** Trained heads on skip trigrams: how many heads reach the floor, as there are more trigrams? */
import type { TrainedModels } from '../join.ts';
import { shareOf } from '../metrics/share.ts';
import {
  begunSpec,
  DESTINATIONS,
  HEADS,
  isAtFloor,
  missedShare,
  REACHED,
  type Trial,
  trainedSpec,
  trialsOf,
} from './attention.ts';
import { atLeast, decidedBy, shareAtLeast, shareText, statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

export interface SuccessData {
  destinations: number[]; // K, rising
  heads: number[]; // H, rising
  trials: Trial[]; // all models
  begun: Trial[]; // two heads that begin near the built ones, at the largest K
}

/** Above this share of what the source can tell a model is clearly above the floor; ours. */
const CLEAR = 0.2;

const of = ({ trials }: SuccessData, destinations: number, heads: number): Trial[] =>
  trials.filter((one) => one.destinations === destinations && one.heads === heads);

/** Models of a cell at the floor, and all. */
export function countAt(
  data: SuccessData,
  destinations: number,
  heads: number,
): { count: number; of: number } {
  const own = of(data, destinations, heads);
  return { count: own.filter(isAtFloor).length, of: own.length };
}

function signature(data: SuccessData): Claim[] {
  const { destinations, trials, begun } = data;
  const [fewest, most] = [destinations[0], destinations.at(-1)!];
  const only = (heads: number) => trials.filter((one) => one.heads === heads);
  const three = only(3);
  const pairs = destinations.map((K) => countAt(data, K, 2));
  const shares = pairs.map(({ count, of: all }) => count / all);
  const [two, ample] = [countAt(data, most, 2), countAt(data, most, 3)];
  return [
    ...decidedBy(0, only(1), [
      atLeast(
        'one head stays clearly above the floor: least share of what the source can tell that a model misses',
        'MAY23; bound ours',
        Math.min(...only(1).map(missedShare)),
        CLEAR,
      ),
    ]),
    ...decidedBy(0, three, [
      shareAtLeast(
        `three heads reach the floor, missing less than ${100 * REACHED} %, with any number of trigrams`,
        'MAY23; bound ours',
        three.filter(isAtFloor).length,
        three.length,
        0.9,
      ),
    ]),
    ...decidedBy(0, only(2), [
      statement(
        `training finds two heads that do less often at K = ${most} than at K = ${fewest}, and at no K more often than before`,
        'ours',
        `95 % intervals apart at K = ${fewest} and ${most}`,
        destinations.map((K, k) => `K = ${K}: ${shareText(pairs[k].count, pairs[k].of)}`).join('; '),
        shares.every((share, k) => k === 0 || share <= shares[k - 1]) &&
          shareOf(two.count, two.of).high < shareOf(pairs[0].count, pairs[0].of).low,
      ),
    ]),
    ...decidedBy(1, begun, [
      shareAtLeast(
        `two heads do suffice at K = ${most}: begun near the built ones, trained models reach the floor`,
        'JUL23; nine in ten, ours',
        begun.filter(isAtFloor).length,
        begun.length,
        0.9,
      ),
    ]),
    statement(
      `a third head makes it easy again: at K = ${most} three reach it more often than two`,
      'ours',
      '95 % intervals apart',
      `${shareText(ample.count, ample.of)} against ${shareText(two.count, two.of)}`,
      shareOf(ample.count, ample.of).low > shareOf(two.count, two.of).high,
    ),
  ];
}

export const attentionSuccess: Experiment<SuccessData> = {
  name: 'attention-success',
  id: 'AT2',
  paper: 'attention',
  section: 'Trained heads',
  title: 'How many heads training needs',
  caption:
    'Loss above the floor of (1 − p) ln V, as a share of what a model loses that does not know of the source. Left: the ' +
    'models of each cell that come within 5 % of the floor. Right: every model, and pairs of heads that begin near the ' +
    'built ones. One head never gets there; two can do any number of trigrams but are found by training less and less ' +
    'often, and three are found easily.',
  seconds: { quick: 30, paper: 480 },
  specs: (scale: Scale) => [trainedSpec(scale), begunSpec(scale)],
  data: ([result, begun]: TrainedModels[]) => ({
    destinations: DESTINATIONS,
    heads: HEADS,
    trials: trialsOf(result),
    begun: trialsOf(begun),
  }),
  signature,
};
