import { test } from 'uvu';
import { attentionConstruction, type ConstructionData } from '../sim/experiments/attentionConstruction.ts';
import { judges } from './judges.ts';

/** Heads that keep their bounds, or that lose a hundredth more and prefer a token where they should not. */
function constructionData(right: boolean): ConstructionData {
  const bound = [2, 0.1, 1e-5];
  const lost = bound.map((loss) => loss + (right ? 0 : 0.01));
  const one = { trigram: lost, rest: [0, 0, right ? 0 : 0.1], bound, blurred: lost, blurredBound: bound };
  return {
    strengths: [0, 8, 16],
    sharpnesses: [4, 8, 12],
    strength: 12,
    heads: [2, 32].map((destinations) => ({ destinations, tokens: 2 * destinations + 5, ...one })),
  };
}
judges(attentionConstruction, constructionData(true), constructionData(false));

test.run();
