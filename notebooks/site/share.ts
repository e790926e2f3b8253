/** What a visitor takes along: links, the spec and its command, and every picture as a file. */
import type { SpecInput } from '../../sim/spec.ts';
import { copy, element, tell } from './page.ts';
import { png, save } from './save.ts';
import { toHash } from './url.ts';

/** A picture that can be saved; null while there is nothing to see. */
interface Savable {
  svg(): string | null;
  csv(): string | null;
}

/** The link to a state of this page. */
export function linkTo<T extends object>(state: T, defaults: T): string {
  const hash = toHash(state, defaults);
  return `${location.origin}${location.pathname}${hash ? `#${hash}` : ''}`;
}

function button(text: string, name: string, act: () => void): HTMLButtonElement {
  const out = document.createElement('button');
  out.type = 'button';
  out.textContent = text;
  out.setAttribute('aria-label', name);
  out.addEventListener('click', act);
  return out;
}

/** Buttons that save a picture, in files called `name`. */
export function pictureButtons(name: string, picture: Savable): HTMLButtonElement[] {
  const offer = (text: string, content: () => string | null, act: (content: string) => void) =>
    button(text, `Save ${name} as ${text}`, () => {
      const now = content();
      if (now !== null) act(now);
    });
  return [
    offer('PNG', picture.svg, async (svg) => save(`${name}.png`, 'image/png', await png(svg))),
    offer('SVG', picture.svg, (svg) => save(`${name}.svg`, 'image/svg+xml', svg)),
    offer('CSV', picture.csv, (text) => save(`${name}.csv`, 'text/csv', text)),
  ];
}

/** Puts buttons that save the picture `name` into its place on the page. */
export function offerPicture(name: string, picture: Savable): void {
  document.querySelector(`.save[data-picture=${name}]`)!.append(...pictureButtons(name, picture));
}

/** Lets pictures of this page be saved, or not while there is nothing to see. */
export function allowSaving(allowed: boolean): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('.save button'))
    button.disabled = !allowed;
}

/** The command that trains a saved spec in Node. */
export function commandFor(file: string): string {
  return `superpose train ${file}`;
}

/** Makes the buttons work that copy a link and save the spec, and shows the command that trains it in Node. */
export function offerLinks(file: string, link: () => string, spec: () => SpecInput | null): void {
  element('link').addEventListener('click', () => copy(link(), 'share-note'));
  element('spec').addEventListener('click', () => {
    const now = spec();
    if (now) save(file, 'application/json', `${JSON.stringify(now, null, 2)}\n`);
  });
  tell('command', commandFor(file));
}
