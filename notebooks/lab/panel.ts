/** A panel that trains a spec in the tab as soon as it is seen, and draws what came out. */
import type { SpecInput } from '../../sim/spec.ts';
import { type TrainResult, trainAll } from '../../sim/train.ts';
import { button, element } from './element.ts';
import { saves } from './savable.ts';
import { whenSeen } from './seen.ts';
import './lab.css';

/** What ran, in one line. */
function report({ engine, seconds, samplesPerSecond, grid }: TrainResult): string {
  const rate = `${(samplesPerSecond / 1e6).toFixed(1)} M samples/s`;
  const models = `${grid.rows} ${grid.rows === 1 ? 'model' : 'models'}`;
  return `${models} in ${seconds.toFixed(1)} s, ${rate}, on ${engine.engine} (${engine.why})`;
}

/** Trains and calls `onProgress` with the fraction done; stops when `root` has left the page. */
async function trainWhileShown(
  spec: SpecInput,
  root: HTMLElement,
  onProgress: (fraction: number) => void,
): Promise<TrainResult> {
  const controller = new AbortController();
  return trainAll(spec, { signal: controller.signal }, (event) => {
    if (!root.isConnected) controller.abort();
    if (event.kind === 'progress') onProgress(event.fraction);
  });
}

/** A panel that trains `spec` and shows what `draw` makes of the result; a button trains with the next seed. */
export function panel(spec: SpecInput, draw: (result: TrainResult) => Node): HTMLElement {
  const picture = element('div', { class: 'picture' });
  const status = element('p', { class: 'status', role: 'status' }, 'Waiting to be seen.');
  const bar = element('progress', { max: 1, value: 0, 'aria-label': 'training' });
  const run = async (seed: number) => {
    again.disabled = true;
    status.textContent = 'Training …';
    bar.value = 0;
    try {
      const result = await trainWhileShown({ ...spec, seed }, root, (fraction) => (bar.value = fraction));
      picture.replaceChildren(draw(result));
      actions.replaceChildren(again, ...saves(picture, result), bar);
      status.textContent = report(result);
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : String(error);
    }
    bar.value = 1; // which hides it
    again.disabled = false;
  };
  let seed = spec.seed ?? 0;
  const again = button('Train again with another seed', () => void run(++seed));
  const actions = element('div', { class: 'actions' }, again, bar);
  const root = element('div', { class: 'panel' }, picture, actions, status);
  whenSeen(root, () => void run(seed));
  return root;
}
