/** What a visitor takes along: links, the spec and its command, and every picture as a file. */
import { copy, element, tell } from './page.ts';
import { LIGHT } from './palette.ts';
import { PANELS, type Panel, panelCsv, panelSvg, type Scene } from './pictures.ts';
import { png, save } from './save.ts';
import { defaults, type State, specOf } from './state.ts';
import { toHash } from './url.ts';

/** The command that trains a saved spec outside the browser. */
export function nodeCommand(file: string, engine: string): string {
  return `npx superpose train ${file}${engine === 'auto' ? '' : ` --engine ${engine}`}`;
}

/** The link to a state. */
export function linkTo(state: State): string {
  const hash = toHash(state, defaults);
  return `${location.origin}${location.pathname}${hash ? `#${hash}` : ''}`;
}

/** The spec that trains the scene's model from scratch, with the settings in force, up to its step. */
export function sceneSpec({ state, moment }: Scene): string {
  const spec = specOf(state, moment.live, Math.max(1, moment.step));
  return `${JSON.stringify(spec, null, 2)}\n`;
}

function button(text: string, name: string, act: () => void): HTMLButtonElement {
  const out = document.createElement('button');
  out.type = 'button';
  out.textContent = text;
  out.setAttribute('aria-label', name);
  out.addEventListener('click', act);
  return out;
}

function saveButtons(panel: Panel, scene: () => Scene | null): HTMLButtonElement[] {
  const offer = (text: string, act: (scene: Scene) => void) =>
    button(text, `Save ${panel} as ${text}`, () => {
      const now = scene();
      if (now) act(now);
    });
  return [
    offer('PNG', async (now) => save(`${panel}.png`, 'image/png', await png(panelSvg(panel, now, LIGHT)))),
    offer('SVG', (now) => save(`${panel}.svg`, 'image/svg+xml', panelSvg(panel, now, LIGHT))),
    offer('CSV', (now) => save(`${panel}.csv`, 'text/csv', panelCsv(panel, now))),
  ];
}

/** Makes the share section and the save buttons work. */
export function offerSharing(scene: () => Scene | null, state: () => State): void {
  for (const panel of PANELS) {
    document.querySelector(`.save[data-picture=${panel}]`)?.append(...saveButtons(panel, scene));
  }
  element('link').addEventListener('click', () => copy(linkTo(state()), 'share-note'));
  element('moment').addEventListener('click', () => {
    const stop = scene()?.moment.step ?? 0;
    const edits = state().edits.filter(([step]) => step < stop);
    copy(linkTo({ ...state(), edits, stop }), 'share-note');
  });
  element('spec').addEventListener('click', () => {
    const now = scene();
    if (now) save('playground.json', 'application/json', sceneSpec(now));
  });
  tell('command', nodeCommand('playground.json', 'simd'));
}
