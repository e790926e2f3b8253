/** What the model is doing, in one or two sentences for everyone, screen readers included. */
import type { Standing } from './rivals.ts';
import { keptInWords, type Shapes, shapeInWords } from './words.ts';

interface Verdict {
  text: string;
  held: boolean; // a fresh start would do better
}

/** Loss over its minimum's at which a model is still on its way. */
const UNDERWAY = 1.15;
/** A minimum's loss over the best one's at which a model is held. */
const HELD = 1.02;

const percent = (standing: Standing) => Math.round(100 * (1 - standing.best.loss / standing.held.loss));

/** A standing of another moment, when the shape was another, says nothing. `edited`: the settings were changed while the model trained, so it has a past to remember. */
export function verdictOf(shapes: Shapes, standing: Standing | null, edited: boolean): Verdict {
  const now = `${keptInWords(shapes)}.`;
  if (!standing || standing.held.name !== shapeInWords(shapes)) return { text: now, held: false };
  if (standing.loss > UNDERWAY * standing.held.loss) return { text: `${now} Still learning.`, held: false };
  if (standing.held.loss < HELD * standing.best.loss) {
    return { text: `${now} No shape we know costs less here.`, held: false };
  }
  const past = edited ? ' It keeps the shape of its past: that is hysteresis.' : '';
  const cost = `${standing.best.name} would cost ${percent(standing)} % less`;
  return { text: `${now} Held in a local minimum: ${cost}.${past}`, held: true };
}
