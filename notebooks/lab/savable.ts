/** Buttons under the pictures: PNG, SVG, the numbers as CSV, the spec and the command that trains it in Node. */
import type { TrainResult } from '../../sim/train.ts';
import { csv, save } from '../site/save.ts';
import { commandFor, pictureButtons } from '../site/share.ts';
import { button, element } from './element.ts';
import { standalone } from './standalone.ts';
import { featureTable, modelTable } from './tables.ts';

/** A picture that was not trained, with buttons that save it. */
export function savable(
  name: string,
  figure: Node,
  header: readonly string[],
  rows: () => (number | string)[][],
): HTMLElement {
  const picture = element('div', { class: 'picture' }, figure);
  const buttons = pictureButtons(name, {
    svg: () => standalone(picture, name),
    csv: () => csv(header, rows()),
  });
  return element('div', { class: 'savable' }, picture, element('div', { class: 'actions' }, ...buttons));
}

/** Buttons that save the picture of a training with all that is needed to make it again. */
export function saves(picture: HTMLElement, result: TrainResult): HTMLElement[] {
  const { name } = result.spec;
  const file = `${name}.json`;
  const text = () => `${JSON.stringify(result.spec, null, 2)}\n`;
  return [
    ...pictureButtons(name, { svg: () => standalone(picture, name), csv: () => featureTable(result) }),
    button('Models (CSV)', () => save(`${name}-models.csv`, 'text/csv', modelTable(result))),
    button('Spec (JSON)', () => save(file, 'application/json', text())),
    element('code', {}, commandFor(file)),
  ];
}
