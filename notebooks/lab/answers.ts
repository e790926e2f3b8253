/** The teacher's list of all exercises: answer, reason and what to say to usual mistakes, from the tested modules. */
import type { Exercise } from '../exercises/exercise.ts';
import { exercises } from '../exercises/index.ts';
import { solutionOf } from './card.ts';
import { element } from './element.ts';

function entry(exercise: Exercise): HTMLElement {
  const mistakes = exercise.mistakes.map(({ says }) => element('li', {}, says));
  return element(
    'details',
    {},
    element('summary', {}, `${exercise.title} (${exercise.minutes} min)`),
    solutionOf(exercise),
    element('p', {}, exercise.why),
    element('p', {}, 'What the check says to usual mistakes:'),
    element('ul', {}, ...mistakes),
  );
}

/** Every exercise of every notebook, folded. */
export function answers(): HTMLElement {
  const chapters = Object.entries(exercises).map(([notebook, list]) =>
    element(
      'section',
      { class: 'help' },
      element('h2', {}, element('a', { href: `./${notebook}.html` }, notebook)),
      ...list.map(entry),
    ),
  );
  return element('div', {}, ...chapters);
}
