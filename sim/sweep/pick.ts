/** Some instances of a group as a group of their own. They keep their rows, so they are the same models. */
import type { Group } from '../grid.ts';
import { takeFrom, takeRows } from '../problem.ts';

/** Instances `picked` (places in the group) with their learning rates times `rateFactor`. */
export function pickGroup(group: Group, picked: number[], rateFactor = 1): Group {
  const problem = takeRows(group.problem, picked);
  return {
    rows: takeFrom(group.rows, picked, 1),
    problem: { ...problem, learningRate: problem.learningRate.map((rate) => rate * rateFactor) },
    initStd: takeFrom(group.initStd, picked, 1),
  };
}
