/** The teacher's list of all exercises: answer, reason and what to say to usual mistakes, from the tested modules. */
import type { Exercise } from '../exercises/exercise.ts';
import { exercises } from '../exercises/index.ts';
import { element } from './element.ts';
import './lab.css';

function answer(exercise: Exercise): HTMLElement {
  if (exercise.form === 'choice') return element('p', {}, exercise.options[exercise.solution]);
  return element('pre', {}, element('code', {}, exercise.solution));
}

function entry(exercise: Exercise): HTMLElement {
  const mistakes = exercise.mistakes.map(({ says }) => element('li', {}, says));
  return element(
    'details',
    {},
    element('summary', {}, `${exercise.title} (${exercise.minutes} min)`),
    answer(exercise),
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
      element('h3', {}, element('a', { href: `./${notebook}.html` }, notebook)),
      ...list.map(entry),
    ),
  );
  return element('div', {}, ...chapters);
}
