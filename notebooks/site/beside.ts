/** A second model beside the first: the same settings and seed, trained from small weights with no past. */
import { LiveTraining } from './live.ts';
import { neuronsSvg } from './neurons.ts';
import { element, tell } from './page.ts';
import type { Palette } from './palette.ts';
import { drawsArrows } from './pictures.ts';
import type { Moment } from './run.ts';
import type { State } from './state.ts';
import { type View, vectorsSvg } from './vectors.ts';
import { keptInWords, shapesOf } from './words.ts';

export interface Beside {
  frame(): void;
  draw(palette: Palette, view: View): void;
  close(): void;
}

/** Starts the second model. Its picture is `#beside`, its words `#beside-said`. */
export function openBeside(state: State): Beside {
  let moment: Moment | null = null;
  const fresh: State = { ...state, edits: [], stop: 0, speed: 'normal' };
  const training = new LiveTraining(fresh, {
    opened() {},
    moved(next) {
      moment = next;
    },
    paused() {},
    lost(reason) {
      tell('beside-said', `The second model stopped: ${reason}.`);
    },
  });
  return {
    frame: () => training.frame(),
    draw(palette, view) {
      if (!moment) return;
      const { features: n, hidden: m } = fresh;
      const picture = drawsArrows(fresh) ? vectorsSvg(moment.params.W, n, m, palette, view) : neuronsSvg(moment.params.W, n, m, palette); // biome-ignore format: one choice
      element('beside').innerHTML = picture;
      tell('beside-said', `${keptInWords(shapesOf(moment.params.W, n, m))}, step ${moment.step.toLocaleString('en')}`); // biome-ignore format: one sentence
    },
    close: () => training.close(),
  };
}
