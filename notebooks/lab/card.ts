/** The card of an exercise: a box to answer in, a verdict, hints and the solution that unfold. */
import { type Answered, ask } from '../exercises/ask.ts';
import type { Exercise } from '../exercises/exercise.ts';
import { exerciseOf } from '../exercises/index.ts';
import { placeInPlan } from '../exercises/plan.ts';
import { keepOffline } from '../site/page.ts';
import { boxOf } from './box.ts';
import { button, element } from './element.ts';
import { gallery } from './gallery.ts';
import { notePassed, passed } from './progress.ts';
import { saves } from './savable.ts';
import './lab.css';

keepOffline();

/** Whether the plan has this exercise, and whether it was passed before. */
function marks(id: string): HTMLElement[] {
  const planned = placeInPlan(id);
  const star = planned && element('span', { class: 'planned', role: 'img', 'aria-label': planned.words, title: planned.words }, planned.mark); // biome-ignore format: one mark
  const before = passed().has(id) && element('span', { class: 'done' }, '✓ passed');
  return [star, before].filter((mark) => mark instanceof HTMLElement);
}

function heading({ id, title, dots, minutes }: Exercise): HTMLElement {
  const scale = '●'.repeat(dots) + '○'.repeat(5 - dots);
  const difficulty = element('span', { role: 'img', 'aria-label': `difficulty ${dots} of 5` }, scale);
  const small = element('small', {}, ...marks(id), ' ', difficulty, ` ${minutes} min`);
  return element('h3', {}, title, ' ', small);
}

/** The solution as it is shown: the text that the tests run, or the words of the right option. */
export function solutionOf(exercise: Exercise): HTMLElement {
  if (exercise.form === 'choice') return element('p', {}, exercise.options[exercise.solution]);
  return element('pre', {}, element('code', {}, exercise.solution));
}

function unfold(title: string, ...content: Node[]): HTMLElement {
  return element('details', {}, element('summary', {}, title), ...content);
}

/** Hints, each by itself, then the solution, which `fill` puts into the box. */
function help(exercise: Exercise, fill: () => void): HTMLElement {
  const hints = exercise.hints.map((hint, k) => unfold(`Hint ${k + 1}`, element('p', {}, hint)));
  const solution = unfold(
    'Solution',
    solutionOf(exercise),
    element('p', {}, exercise.why),
    button('Put it in the box', fill),
  );
  return element('div', { class: 'help' }, ...hints, solution);
}

/** The place of a verdict, and of pictures of what was trained for it. */
function outcome() {
  const verdict = element('p', { class: 'verdict', role: 'status' });
  const picture = element('div');
  const actions = element('div', { class: 'actions' });
  const bar = element('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'Training' });
  const wait = (text: string) => {
    verdict.className = 'verdict';
    verdict.textContent = text;
    bar.hidden = true;
    picture.replaceChildren();
    actions.replaceChildren();
  };
  const progress = (fraction: number) => {
    bar.hidden = false;
    bar.value = fraction;
  };
  const show = ({ verdict: { passed, message }, result }: Answered) => {
    bar.hidden = true;
    verdict.className = `verdict ${passed ? 'pass' : 'fail'}`;
    verdict.textContent = `${passed ? '✓ Pass.' : '✗ Not yet.'} ${message}`;
    picture.replaceChildren(...(result ? [gallery(result)] : []));
    actions.replaceChildren(...(result ? saves(picture, result) : []));
  };
  return { nodes: [verdict, bar, picture, actions], wait, progress, show };
}

/** The card of the exercise called `id`. */
export function exercise(id: string): HTMLElement {
  const task = exerciseOf(id);
  const box = boxOf(task);
  const { nodes, wait, progress, show } = outcome();
  const check = button(task.form === 'training' ? 'Train and check' : 'Check', async () => {
    check.disabled = true;
    wait(task.form === 'training' ? 'Training …' : 'Checking …');
    const text = box.read();
    const answered = await ask(task, text, progress);
    if (answered.verdict.passed) notePassed(id);
    if (box.read() === text) show(answered);
    else wait('The answer has changed meanwhile: check it again.');
    check.disabled = false;
  });
  const forget = () => {
    if (!check.disabled) wait(''); // a verdict belongs to the answer it was given for
  };
  const write = (text: string) => {
    box.write(text);
    forget();
  };
  box.node.addEventListener('input', forget);
  const reset = button('Start over', () => write(task.stub));
  const actions = element('div', { class: 'actions' }, check, reset);
  const attributes = { class: 'exercise', id: `exercise-${id}`, 'aria-label': `Exercise: ${task.title}` };
  return element(
    'section',
    attributes,
    heading(task),
    box.node,
    actions,
    ...nodes,
    help(task, () => write(task.solution)),
  );
}
