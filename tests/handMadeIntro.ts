/** Data of the intro figure with two models made by hand, for its snapshot. */
import type { IntroData } from '../sim/experiments/intro.ts';
import type { TrainedModel } from '../sim/experiments/trained.ts';

const model = (row: number, density: number, W: number[]): TrainedModel => ({
  row,
  features: 3,
  hidden: 2,
  W,
  b: [0, -0.1, 0.25],
  density: [density, density, density],
  importance: [1, 0.9, 0.81],
  loss: 0.01,
});

export const handMade: IntroData = {
  panels: [model(0, 1, [1, 0, 0, 1, 0, 0])],
  strip: [model(1, 0.1, [1, 0, -1, 0, 0, 0.5])],
  pentagons: [],
};
