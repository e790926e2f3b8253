/** A place to write a spec of one's own and train it. */
import { parseSpec } from '../../sim/spec.ts';
import { codeBox } from './box.ts';
import { button, element } from './element.ts';
import { gallery } from './gallery.ts';
import { panel } from './panel.ts';

/** What is wrong with a spec, in words. */
function explain(error: unknown): string {
  if (error instanceof SyntaxError) return `This is not JSON: ${error.message}.`;
  return error instanceof Error ? error.message : String(error);
}

/** A box for a spec, and below it what training it gave. */
export function workbench(stub: string): HTMLElement {
  const box = codeBox('Your spec', stub, 'json');
  const output = element('div');
  const message = element('p', { class: 'verdict fail', role: 'status' });
  const run = button('Train', () => {
    try {
      message.textContent = '';
      output.replaceChildren(panel(parseSpec(JSON.parse(box.read())), gallery));
      output.scrollIntoView({ block: 'nearest' }); // a panel trains when it is seen
    } catch (error) {
      output.replaceChildren(); // what was trained before has nothing to do with this text
      message.textContent = explain(error);
    }
  });
  return element(
    'section',
    { class: 'exercise', 'aria-label': 'Workbench' },
    box.node,
    element('div', { class: 'actions' }, run),
    message,
    output,
  );
}
