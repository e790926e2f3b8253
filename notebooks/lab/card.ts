/** The card of an exercise: a box to answer in, a verdict, hints and the solution that unfold. */
import { ask } from '../exercises/ask.ts';
import type { ChoiceExercise, Exercise } from '../exercises/exercise.ts';
import { exerciseOf } from '../exercises/index.ts';
import { modelsOf } from '../exercises/trained.ts';
import { keepOffline } from '../site/page.ts';
import { button, element } from './element.ts';
import { sketch } from './figures.ts';
import './lab.css';

keepOffline();

/** Where an answer is typed or chosen. */
interface Box {
  node: HTMLElement;
  read: () => string;
  write: (text: string) => void;
}

/** An answer is kept in the browser, so that a reload does not lose it. */
const draftKey = (exercise: Exercise) => `superpose answer ${exercise.id}`;

function readDraft(exercise: Exercise): string | null {
  try {
    return localStorage.getItem(draftKey(exercise));
  } catch {
    return null; // storage may be forbidden
  }
}

function saveDraft(exercise: Exercise, text: string): void {
  try {
    localStorage.setItem(draftKey(exercise), text);
  } catch {
    // the answer then lives as long as the page
  }
}

function textBox(exercise: Exercise): Box {
  const rows = exercise.stub.split('\n').length;
  const node = element('textarea', {
    rows,
    spellcheck: 'false',
    wrap: 'off',
    'aria-label': `Answer: ${exercise.title}`,
  });
  node.value = readDraft(exercise) ?? exercise.stub;
  node.addEventListener('input', () => saveDraft(exercise, node.value));
  return { node, read: () => node.value, write: (text) => (node.value = text) };
}

function choiceBox(exercise: ChoiceExercise): Box {
  const inputs = Object.entries(exercise.options).map(([value, text]) => {
    const input = element('input', { type: 'radio', name: exercise.id, value });
    return { input, label: element('label', {}, input, ` ${text}`) };
  });
  const legend = element('legend', {}, exercise.title);
  const node = element('fieldset', {}, legend, ...inputs.map(({ label }) => label));
  return {
    node,
    read: () => inputs.find(({ input }) => input.checked)?.input.value ?? '',
    write: (text) => {
      for (const { input } of inputs) input.checked = input.value === text;
    },
  };
}

/** Hints that unfold one after the other, then the solution. */
function help(exercise: Exercise, box: Box): HTMLElement {
  const hints = exercise.hints.map((hint, k) =>
    element('details', {}, element('summary', {}, `Hint ${k + 1}`), element('p', {}, hint)),
  );
  const shown =
    exercise.form === 'choice'
      ? element('p', {}, exercise.options[exercise.solution])
      : element('pre', {}, element('code', {}, exercise.solution));
  const fill = button('Put it in the box', () => box.write(exercise.solution));
  const solution = element(
    'details',
    { class: 'solution' },
    element('summary', {}, 'Solution'),
    shown,
    element('p', {}, exercise.why),
    fill,
  );
  return element('div', { class: 'help' }, ...hints, solution);
}

function heading(exercise: Exercise): HTMLElement {
  const dots = '●'.repeat(exercise.dots) + '○'.repeat(5 - exercise.dots);
  const difficulty = element('span', { title: `difficulty ${exercise.dots} of 5` }, dots);
  return element('h4', {}, exercise.title, ' ', element('small', {}, difficulty, ` ${exercise.minutes} min`));
}

/** The card of the exercise called `id`. */
export function exercise(id: string): HTMLElement {
  const task = exerciseOf(id);
  const box = task.form === 'choice' ? choiceBox(task) : textBox(task);
  const verdict = element('p', { class: 'verdict', role: 'status' });
  const picture = element('div');
  const check = button(task.form === 'training' ? 'Train and check' : 'Check', async () => {
    check.disabled = true;
    verdict.className = 'verdict busy';
    const answered = await ask(task, box.read(), (event) => {
      if (event.kind === 'progress') verdict.textContent = `Training … ${Math.round(100 * event.fraction)} %`;
    }).catch((error: Error) => ({ verdict: { passed: false, message: error.message }, result: undefined }));
    const { passed, message } = answered.verdict;
    verdict.className = `verdict ${passed ? 'pass' : 'fail'}`;
    verdict.textContent = `${passed ? '✓ Pass.' : '✗ Not yet.'} ${message}`;
    picture.replaceChildren(...(answered.result ? [sketch(modelsOf(answered.result))] : []));
    check.disabled = false;
  });
  const reset = button('Start over', () => {
    box.write(task.stub);
    saveDraft(task, task.stub);
  });
  return element(
    'section',
    { class: 'exercise', id: `exercise-${id}`, 'aria-label': `Exercise: ${task.title}` },
    heading(task),
    box.node,
    element('div', { class: 'actions' }, check, reset),
    verdict,
    picture,
    help(task, box),
  );
}
