/** The ways from a claim to what made it: the spec, the models that decided it, the playground at their settings. */
import type { Claim, Scale } from '../sim/experiments/experiment.ts';
import type { Family } from '../sim/family.ts';
import { expandGrid } from '../sim/grid.ts';
import { type Problem, takeRows } from '../sim/problem.ts';
import { parseSpec, type Spec, type SpecInput } from '../sim/spec.ts';
import type { Finished } from './entry.ts';

/** Where the playground is served: `npm run serve`, or a site of one's own. */
const SITE = process.env.SUPERPOSE_SITE ?? 'http://localhost:4173/';

interface Door {
  command: string; // trains the models that decided the claim
  specs: number[]; // indices of the specs that made them
  rows: number[] | null; // their rows of that spec; null = all
  playground: string | null; // the same settings in the playground, null where it has none like them
}

/** The command that trains the models of a figure. */
function trainCommandOf(name: string, scale: Scale): string {
  return `superpose train ${name} --scale ${scale} --out runs/${name}`;
}

/** The models of the playground, as it calls them. */
const PLAYGROUND: Record<string, { model: Partial<SpecInput['model']>; input: Partial<SpecInput['input']> }> =
  {
    relu: { model: {}, input: {} },
    linear: { model: { outputActivation: 'identity' }, input: {} },
    'relu-hidden': { model: { hiddenActivation: 'relu' }, input: {} },
    abs: { model: { hiddenActivation: 'relu', tied: false }, input: { magnitude: 'signed', target: 'abs' } },
  };

/** What the playground calls a model of exactly this family, or null if it has none. */
function playgroundModel(
  { model: { features, hidden }, input: { sets } }: Spec,
  family: Family,
): string | null {
  const same = ([, own]: [string, (typeof PLAYGROUND)[string]]) => {
    const spec = parseSpec({
      model: { features, hidden, ...own.model },
      input: { density: 1, sets, ...own.input },
    });
    return JSON.stringify(expandGrid(spec).groups[0].problem.family) === JSON.stringify(family);
  };
  return Object.entries(PLAYGROUND).find(same)?.[0] ?? null;
}

/** Ratio of a geometric curve that begins at 1, or null if it is none. */
function ratioOf(curve: ArrayLike<number>): number | null {
  const ratio = curve[1];
  const is = Array.from(curve).every((value, i) => Math.abs(value - ratio ** i) < 1e-6);
  return is ? Number(ratio.toPrecision(6)) : null;
}

/** One row of a spec. */
function rowOf(spec: Spec, row: number): Problem {
  for (const { rows, problem } of expandGrid(spec).groups) {
    const i = rows.indexOf(row);
    if (i >= 0) return takeRows(problem, [i]);
  }
  throw new RangeError(`row: expected one of the sweep, got ${row}`);
}

/** The playground's link to the settings of row `row` of a spec, or null where it has none like them. */
export function playgroundLink(input: SpecInput, row: number): string | null {
  const spec = parseSpec(input);
  const { features, hidden } = spec.model;
  const [set] = spec.input.sets;
  const pairs = set === undefined ? 'none' : set.size === 2 ? set.kind : null;
  if (pairs === null || features > 12 || hidden > 8 || features < 2) return null;
  const { family, density, importance } = rowOf(spec, row);
  const model = playgroundModel(spec, family);
  const base = ratioOf(importance);
  if (!model || base === null || base < 0.3 || base > 1 || density.some((p) => p !== density[0])) return null;
  const p = Number(density[0].toPrecision(6));
  const settings = { features, hidden, model, pairs, density: p, importance: base };
  const text = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return `${SITE}play.html#${text.join('&')}`;
}

/** The door of a claim of a figure. */
export function doorOf({ models }: Claim, { experiment, scale }: Finished): Door | null {
  const specs = experiment.specs(scale);
  if (specs.length === 0) return null;
  const at = models?.spec ?? 0;
  const decisive = models?.rows.at(-1) ?? 0;
  return {
    command: trainCommandOf(experiment.name, scale),
    specs: models ? [at] : [...specs.keys()],
    rows: models?.rows ?? null,
    playground: playgroundLink(specs[at], decisive),
  };
}
