/** The panel of a visitor's own weights: files chosen or dropped, their picture and their words. */
import { couplings } from '../../sim/metrics/couplings.ts';
import { gramSvg } from './gram.ts';
import { modelOf, type OwnModel, ownInWords, tensorsOf } from './own.ts';
import { element, reasonOf, tell } from './page.ts';
import type { Palette } from './palette.ts';
import { type View, vectorsSvg } from './vectors.ts';

function ownSvg({ features: n, hidden: m, W, b }: OwnModel, palette: Palette, view: View): string {
  return m <= 3
    ? vectorsSvg(W, n, m, palette, view)
    : gramSvg(couplings({ features: n, hidden: m }, { W }), b, palette);
}

/** Reads files that are chosen or dropped on the page, and shows them. */
export function offerOwn(palette: () => Palette, view: View): void {
  const input = element<HTMLInputElement>('weights');
  const show = async (files: readonly File[]) => {
    try {
      const read = await Promise.all(files.map(async (file) => tensorsOf(file.name, new Uint8Array(await file.arrayBuffer())))); // biome-ignore format: one list
      const model = modelOf(Object.assign({}, ...read));
      element('own').innerHTML = ownSvg(model, palette(), view);
      tell('own-said', ownInWords(model));
    } catch (error) {
      element('own').replaceChildren();
      tell('own-said', `This cannot be shown: ${reasonOf(error)}.`);
    }
  };
  input.addEventListener('change', () => void show([...(input.files ?? [])]));
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer?.files.length) void show([...event.dataTransfer.files]);
  });
}
