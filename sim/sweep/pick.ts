/** Some instances of a group as a group of their own. They keep their rows, so they are the same models. */
import { type Group, takeGroup } from '../grid.ts';

/** Instances `picked` (places in the group) with their learning rates times `rateFactor`. */
export function pickGroup(group: Group, picked: number[], rateFactor = 1): Group {
  const own = takeGroup(group, picked);
  const learningRate = own.problem.learningRate.map((rate) => rate * rateFactor);
  return { ...own, problem: { ...own.problem, learningRate } };
}
