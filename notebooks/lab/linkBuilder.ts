/** The guide's link builder: what a link of the playground starts with, how it is shown, what it hides and asks. */
import { copy } from '../site/page.ts';
import { PRESETS } from '../site/presets.ts';
import { defaults, HIDEABLE, type PICTURES, type SLIDERS, type State, type VIEWS } from '../site/state.ts';
import { toHash } from '../site/url.ts';
import { button, element } from './element.ts';

/** What the check boxes say. */
const PARTS: Record<(typeof HIDEABLE)[number], string> = {
  presets: 'presets',
  model: 'model (n, m, activation)',
  density: 'density',
  importance: 'importance',
  lists: 'each feature its own',
  pairs: 'pairs of features',
  rate: 'learning rate',
  seed: 'seed',
  speed: 'speed',
  engine: 'engine',
  diagram: 'the model, drawn',
  gram: 'input to output',
  loss: 'loss',
  dimensions: 'dimensionality',
  ends: 'where 100 seeds end',
  own: 'own weights',
  share: 'links and spec',
};
const SHOWN: Record<(typeof VIEWS)[number], string> = { page: 'the whole page', present: 'to the room: one picture, large', embed: 'in a frame of slides' }; // biome-ignore format: one list
const SEEN: Record<(typeof PICTURES)[number], string> = { directions: 'directions', diagram: 'the model', dimensions: 'dimensionality', loss: 'loss', gram: 'input to output' }; // biome-ignore format: one list
const MOVED: Record<(typeof SLIDERS)[number], string> = { density: 'density', importance: 'importance', rate: 'learning rate', none: 'none' }; // biome-ignore format: one list

/** What the form says, as a state. */
export function linkState(preset: string, choices: Partial<State>): State {
  const { settings } = PRESETS.find(({ name }) => name === preset)!;
  return { ...defaults, ...settings, ...choices };
}

function menu<T extends string>(label: string, options: Record<T, string>) {
  const entries = Object.entries(options) as [T, string][];
  const select = element('select', {}, ...entries.map(([value, text]) => element('option', { value }, text)));
  return { node: element('label', {}, `${label} `, select), read: () => select.value as T };
}

function checkBoxes() {
  const boxes = HIDEABLE.map((part) => ({
    part,
    box: element('input', { type: 'checkbox', checked: true }),
  }));
  const labels = boxes.map(({ part, box }) => element('label', {}, box, ` ${PARTS[part]}`));
  const node = element('fieldset', {}, element('legend', {}, 'Show'), ...labels);
  return { node, read: () => boxes.filter(({ box }) => !box.checked).map(({ part }) => part) };
}

/** A form that makes a link while one fills it in. */
export function linkBuilder(): HTMLElement {
  const names = Object.fromEntries(PRESETS.map(({ name }) => [name, name]));
  const [preset, view] = [menu('Start with', names), menu('shown', SHOWN)];
  const [picture, slider] = [menu('Picture', SEEN), menu('slider', MOVED)];
  const one = element('p', {}, picture.node, ' ', slider.node);
  const hide = checkBoxes();
  const question = element('input', { type: 'text', maxlength: 500 });
  const asked = element('label', {}, 'Question ', question);
  const link = element('a', { href: './play.html', target: '_blank' });
  const note = element('span', { id: 'link-note', role: 'status' });
  const take = button('Copy link', () => copy(link.href, 'link-note'));
  const show = () => {
    const whole = view.read() === 'page';
    one.hidden = whole;
    hide.node.hidden = !whole;
    const single = whole ? { hide: hide.read() } : { picture: picture.read(), slider: slider.read() };
    const state = linkState(preset.read(), { view: view.read(), question: question.value, ...single });
    link.href = `./play.html#${toHash(state, defaults)}`.replace(/#$/, '');
    link.textContent = link.href;
  };
  const start = element('p', {}, preset.node, ' ', view.node);
  const form = element('form', { class: 'builder' }, start, one, hide.node, asked, element('p', {}, link), take, note); // biome-ignore format: one form
  form.addEventListener('input', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  show();
  return form;
}
