/** The card of an exercise: a box to answer in, a verdict, hints and the solution that unfold. */
import { type Answered, ask } from '../exercises/ask.ts';
import type { Exercise } from '../exercises/exercise.ts';
import { exerciseOf } from '../exercises/index.ts';
import { keepOffline } from '../site/page.ts';
import { type Box, boxOf } from './box.ts';
import { button, element } from './element.ts';
import { gallery } from './gallery.ts';
import { saves } from './savable.ts';
import './lab.css';

keepOffline();

function heading({ title, dots, minutes }: Exercise): HTMLElement {
  const scale = '●'.repeat(dots) + '○'.repeat(5 - dots);
  const difficulty = element('span', { role: 'img', 'aria-label': `difficulty ${dots} of 5` }, scale);
  return element('h4', {}, title, ' ', element('small', {}, difficulty, ` ${minutes} min`));
}

/** The solution as it is shown: the text that the tests run, or the words of the right option. */
export function solutionOf(exercise: Exercise): HTMLElement {
  if (exercise.form === 'choice') return element('p', {}, exercise.options[exercise.solution]);
  return element('pre', {}, element('code', {}, exercise.solution));
}

function unfold(title: string, ...content: Node[]): HTMLElement {
  return element('details', {}, element('summary', {}, title), ...content);
}

/** Hints, each by itself, then the solution. */
function help(exercise: Exercise, box: Box): HTMLElement {
  const hints = exercise.hints.map((hint, k) => unfold(`Hint ${k + 1}`, element('p', {}, hint)));
  const fill = button('Put it in the box', () => box.write(exercise.solution));
  const solution = unfold('Solution', solutionOf(exercise), element('p', {}, exercise.why), fill);
  return element('div', { class: 'help' }, ...hints, solution);
}

/** The place of a verdict, and of pictures of what was trained for it. */
function outcome() {
  const verdict = element('p', { class: 'verdict', role: 'status' });
  const picture = element('div');
  const actions = element('div', { class: 'actions' });
  const wait = (text: string) => {
    verdict.className = 'verdict';
    verdict.textContent = text;
  };
  const show = ({ verdict: { passed, message }, result }: Answered) => {
    verdict.className = `verdict ${passed ? 'pass' : 'fail'}`;
    verdict.textContent = `${passed ? '✓ Pass.' : '✗ Not yet.'} ${message}`;
    picture.replaceChildren(...(result ? [gallery(result)] : []));
    actions.replaceChildren(...(result ? saves(picture, result) : []));
  };
  return { nodes: [verdict, picture, actions], wait, show };
}

/** The card of the exercise called `id`. */
export function exercise(id: string): HTMLElement {
  const task = exerciseOf(id);
  const box = boxOf(task);
  const { nodes, wait, show } = outcome();
  const check = button(task.form === 'training' ? 'Train and check' : 'Check', async () => {
    check.disabled = true;
    wait('Checking …');
    const progress = (fraction: number) => wait(`Training … ${Math.round(100 * fraction)} %`);
    show(await ask(task, box.read(), progress));
    check.disabled = false;
  });
  const reset = button('Start over', () => box.write(task.stub));
  const actions = element('div', { class: 'actions' }, check, reset);
  const attributes = { class: 'exercise', id: `exercise-${id}`, 'aria-label': `Exercise: ${task.title}` };
  return element('section', attributes, heading(task), box.node, actions, ...nodes, help(task, box));
}
