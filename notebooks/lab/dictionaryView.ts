/** Trained dictionaries: their latents over the features of the model that they read, and their scores. */
import { axisName } from '../../sim/curves.ts';
import { SCORES, type Scores, scoresOf, specimenAt } from '../../sim/metrics/dictionaryScores.ts';
import type { TrainResult } from '../../sim/train.ts';
import { arrowsSvg } from '../site/dictionariesMap.ts';
import { csv } from '../site/save.ts';
import { element } from './element.ts';
import { captioned, row } from './figures.ts';
import { pagePalette } from './standalone.ts';

/** One trained dictionary of L latents on a model of n features in m dimensions. */
interface Measured {
  row: number; // in the sweep
  hidden: number; // m
  W: Float32Array; // (n, m)
  decoder: Float64Array; // (L, m) directions
  scores: Scores;
}

const SAMPLES = 1024;
const SHOWN = 12;

/** Every dictionary of a training, in the order of the sweep. */
export function dictionariesOf({ groups }: TrainResult): Measured[] {
  const all = groups.flatMap(({ rows, problem, params }) =>
    Array.from(rows, (own, i): Measured => {
      const specimen = specimenAt(problem, params, i, SAMPLES);
      const { truth: W, decoder } = specimen;
      return { row: own, hidden: problem.family.hidden, W, decoder, scores: scoresOf(specimen) };
    }),
  );
  return all.sort((a, b) => a.row - b.row);
}

function sketch(own: Measured, settings: string): HTMLElement {
  const { found, mmcs, r2 } = own.scores;
  const said = `${settings}finds ${Math.round(100 * found)} %, MMCS ${mmcs.toFixed(2)}, R² ${r2.toFixed(2)}`;
  const picture = element('div', { class: 'solid' });
  if (own.hidden === 2)
    picture.innerHTML = arrowsSvg(own.W, own.decoder, { ...pagePalette(), paper: 'none' });
  return captioned(picture, said);
}

/** Pictures of the first dictionaries of a training, each with its scores. */
export function dictionaryRow(result: TrainResult): HTMLElement {
  const { spec, grid } = result;
  const settings = (at: number) =>
    spec.sweep
      .map((axis, a) => `${axisName(axis).replace('dictionary.', '')} ${grid.axisValues[a][at]}: `)
      .join('');
  return row(
    ...dictionariesOf(result)
      .slice(0, SHOWN)
      .map((own) => sketch(own, settings(own.row))),
  );
}

const axes = ({ spec }: TrainResult) => ['row', ...spec.sweep.map(axisName)];
const place = ({ grid }: TrainResult, at: number) => [at, ...grid.axisValues.map((values) => values[at])];

/** One row a dictionary: where it stands in the sweep, and its scores. */
export function scoreTable(result: TrainResult): string {
  const names = Object.keys(SCORES) as (keyof Scores)[];
  const rows = dictionariesOf(result).map((own) => [
    ...place(result, own.row),
    ...names.map((name) => own.scores[name].toPrecision(9)),
  ]);
  return csv([...axes(result), ...names], rows);
}

/** One row a latent: the direction with which its code is decoded, with nine digits. */
export function latentTable(result: TrainResult): string {
  const all = dictionariesOf(result);
  const width = Math.max(...all.map(({ hidden }) => hidden));
  const columns = Array.from({ length: width }, (_, k) => `d${k + 1}`);
  const rows = all.flatMap(({ row: at, hidden: m, decoder }) =>
    Array.from({ length: decoder.length / m }, (_, latent) => [
      ...place(result, at),
      latent + 1,
      ...columns.map((_, k) => (k < m ? decoder[latent * m + k].toPrecision(9) : '')),
    ]),
  );
  return csv([...axes(result), 'latent', ...columns], rows);
}
