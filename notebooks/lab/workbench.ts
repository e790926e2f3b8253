/** A place to write a spec of one's own and train it. */
import { parseSpec } from '../../sim/spec.ts';
import { reasonOf } from '../site/page.ts';
import { codeArea } from './box.ts';
import { button, element } from './element.ts';
import { gallery } from './gallery.ts';
import { panel } from './panel.ts';

/** A box for a spec, and below it what training it gave. */
export function workbench(stub: string): HTMLElement {
  const box = codeArea('Your spec', 12);
  box.value = stub;
  const output = element('div');
  const message = element('p', { class: 'verdict fail', role: 'status' });
  const run = button('Train', () => {
    try {
      message.textContent = '';
      output.replaceChildren(panel(parseSpec(JSON.parse(box.value)), gallery));
      output.scrollIntoView({ block: 'nearest' }); // a panel trains when it is seen
    } catch (error) {
      output.replaceChildren(); // what was trained before has nothing to do with this text
      message.textContent =
        error instanceof SyntaxError ? `This is not JSON: ${error.message}.` : reasonOf(error);
    }
  });
  return element(
    'section',
    { class: 'exercise', 'aria-label': 'Workbench' },
    box,
    element('div', { class: 'actions' }, run),
    message,
    output,
  );
}
