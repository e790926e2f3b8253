/** Where an answer is typed or chosen. */
import type { ChoiceExercise, Exercise } from '../exercises/exercise.ts';
import type { Language } from './editor.ts';
import { element } from './element.ts';
import { whenSeen } from './seen.ts';

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

/** A box for code: a text area, and an editor in its place once it is seen and the editor has come. */
export function codeBox(label: string, text: string, language: Language): Box {
  const rows = text.split('\n').length;
  const area = element('textarea', { rows, spellcheck: 'false', wrap: 'off', 'aria-label': label });
  const node = element('div', { class: 'code-box' }, area);
  let opened: ((text: string) => void) | null = null;
  const open = async () => {
    const { openEditor, setText } = await import('./editor.ts');
    const editor = openEditor(area, language);
    opened = (now) => setText(editor, now);
  };
  whenSeen(node, () => void open().catch(() => {})); // without it the text area serves
  area.value = text;
  const write = (now: string) => {
    area.value = now;
    opened?.(now);
  };
  return { node, read: () => area.value, write };
}

function textBox(exercise: Exercise): Box {
  const language = exercise.form === 'training' ? 'json' : 'javascript';
  const box = codeBox(`Answer: ${exercise.title}`, readDraft(exercise) ?? exercise.stub, language);
  box.node.addEventListener('input', () => saveDraft(exercise, box.read()));
  const write = (text: string) => {
    box.write(text);
    saveDraft(exercise, text);
  };
  return { ...box, write };
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
