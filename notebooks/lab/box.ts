/** Where an answer is typed or chosen. */
import type { ChoiceExercise, Exercise } from '../exercises/exercise.ts';
import { element } from './element.ts';

export interface Box {
  node: HTMLElement;
  read: () => string;
  write: (text: string) => void;
}

/** Answers are kept in the browser, so that a reload does not lose them. */
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

/** A box for text. */
export function codeArea(label: string, rows: number): HTMLTextAreaElement {
  return element('textarea', { rows, spellcheck: 'false', wrap: 'off', 'aria-label': label });
}

function textBox(exercise: Exercise): Box {
  const node = codeArea(`Answer: ${exercise.title}`, exercise.stub.split('\n').length);
  node.value = readDraft(exercise) ?? exercise.stub;
  node.addEventListener('input', () => saveDraft(exercise, node.value));
  const write = (text: string) => {
    node.value = text;
    saveDraft(exercise, text);
  };
  return { node, read: () => node.value, write };
}

function choiceBox(exercise: ChoiceExercise): Box {
  const inputs = Object.entries(exercise.options).map(([value, text]) => {
    const input = element('input', { type: 'radio', name: exercise.id, value });
    return { input, label: element('label', {}, input, ` ${text}`) };
  });
  const legend = element('legend', {}, exercise.title);
  const node = element('fieldset', {}, legend, ...inputs.map(({ label }) => label));
  const before = readDraft(exercise);
  for (const { input } of inputs) {
    input.checked = input.value === before;
    input.addEventListener('change', () => saveDraft(exercise, input.value));
  }
  const read = () => inputs.find(({ input }) => input.checked)?.input.value ?? '';
  const write = (text: string) => {
    for (const { input } of inputs) input.checked = input.value === text;
    saveDraft(exercise, text);
  };
  return { node, read, write };
}

/** The box of an exercise. */
export function boxOf(exercise: Exercise): Box {
  return exercise.form === 'choice' ? choiceBox(exercise) : textBox(exercise);
}
