import { Command, InvalidArgumentError, Option } from 'commander';
import { chooseEngine } from '../engines.ts';
import {
  CHAIN_PLAN,
  type ChainPlan,
  type Chains,
  chainSamples,
  inverseTemperatureOf,
  learningCoefficients,
  type Trained,
} from '../langevin.ts';
import { findPlateau, type Plateau } from '../metrics/learningCoefficient.ts';
import { sizeOf, tensorsOf } from '../models/models.ts';
import { takeFrom, takeParams, takeRows } from '../problem.ts';
import { StoreError } from '../store/files.ts';
import { loadInputs } from '../store/inputs.ts';
import { storedGroups } from '../store/models.ts';
import { readRun, type StoredRun } from '../store/run.ts';
import { InterruptedError, interruptSignal } from './exit.ts';
import {
  addEngineOptions,
  addOutputOptions,
  type EngineOptions,
  integer,
  type OutputOptions,
} from './options.ts';
import { createReporter } from './reporter.ts';

interface LlcOptions extends EngineOptions, OutputOptions {
  row: number[];
  samples: number;
  chains: number;
  steps: number;
  localization: number;
  stepSize?: number[];
  seed: number;
}

/** Step sizes ε of the default grid, times nβ. */
const STEP_SIZES = [0.003, 0.01, 0.03, 0.1, 0.3];

/** A parser of numbers above `least`, or of several with commas between. */
function positives(text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.every((value) => Number.isFinite(value) && value > 0)) return values;
  throw new InvalidArgumentError('Expected numbers above 0, with commas between.');
}

function nonNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number of at least 0.');
}

/** Model `row` of a run, as a group of its own. @throws StoreError */
function modelAt(run: StoredRun, groups: Trained[], row: number): Trained {
  for (const { rows, problem, params } of groups) {
    const at = rows.indexOf(row);
    if (at < 0) continue;
    const own = takeParams(params, problem.family, [at]);
    return { rows: takeFrom(rows, [at], 1), problem: takeRows(problem, [at]), params: own };
  }
  throw new StoreError(`row: expected one of the run's ${run.instances} instances, got ${row}`);
}

/** The plan for a model: nβ from its samples, and the grid of step sizes. */
function planFor({ problem }: Trained, options: LlcOptions): ChainPlan {
  const { samples, chains, steps, localization, stepSize, seed } = options;
  const inverseTemperature = inverseTemperatureOf(chainSamples(problem, { samples }));
  const sizes = stepSize ?? STEP_SIZES.map((share) => share / inverseTemperature);
  const settings = sizes.map((size) => ({ stepSize: size, inverseTemperature, localization }));
  return { ...CHAIN_PLAN, settings, samples, chains, steps, seed };
}

/** Numbers of a model that are trained. */
const parametersOf = ({ problem }: Trained): number =>
  tensorsOf(problem.family).reduce((sum, tensor) => sum + (tensor.trained ? sizeOf(tensor) : 0), 0);

/** What the chains of a model found: which model, and where the estimate does not depend on the step size. */
interface Finding {
  row: number;
  model: Trained;
  plan: ChainPlan;
  cells: Chains[];
  plateau: Plateau | null;
}

function findingOf(model: Trained, plan: ChainPlan, cells: Chains[]): Finding {
  const values = cells.map((own) => (own.status === 'estimate' ? own.lambda : Number.NaN));
  return { row: model.rows[0], model, plan, cells, plateau: findPlateau(values) };
}

/** The result of one model, for programs. */
function fieldsOf({ row, model, plan, cells, plateau }: Finding): object {
  return {
    row,
    parameters: parametersOf(model),
    samples: chainSamples(model.problem, plan),
    inverseTemperature: plan.settings[0].inverseTemperature,
    plateau: plateau?.value ?? null,
    settings: cells.map(({ setting, status, lambda, sd, stayed, left, diverged }) => ({
      stepSize: setting.stepSize,
      localization: setting.localization,
      status,
      lambda,
      sd,
      stayed,
      left,
      diverged,
    })),
  };
}

/** The same for people: a line for each step size, and what they say together. */
function describe({ row, model, plan, cells, plateau }: Finding): string {
  const lines = cells.map(({ setting, status, lambda, sd, stayed, left, diverged }) => {
    const ended = `${stayed} stayed, ${left} left, ${diverged} diverged`;
    const value = `${lambda.toFixed(2).padStart(9)} ± ${Number.isNaN(sd) ? '?' : sd.toFixed(2)}`;
    const note = status === 'estimate' ? '' : ', not at a minimum';
    return `  ε ${setting.stepSize.toExponential(1)}  λ̂ ${value}  (${ended})${note}`;
  });
  const found = plateau
    ? `λ̂ = ${plateau.value.toFixed(2)} over a plateau of ${plateau.to - plateau.from + 1} step sizes`
    : 'no plateau: λ̂ depends on the step size, so none of these numbers is λ';
  const { inverseTemperature, localization } = plan.settings[0];
  const head = `model ${row}: ${parametersOf(model)} parameters (d/2 = ${parametersOf(model) / 2}), n = ${chainSamples(model.problem, plan)}, nβ = ${inverseTemperature.toFixed(1)}, γ = ${localization}`;
  return [head, ...lines, `  ${found}`].join('\n');
}

async function estimate(folder: string, options: LlcOptions): Promise<void> {
  const run = readRun(folder);
  await loadInputs(run.spec);
  const groups = storedGroups(run);
  const models = (options.row.length > 0 ? options.row : [0]).map((row) => modelAt(run, groups, row));
  const engine = await chooseEngine(options.engine);
  const signal = interruptSignal();
  const reporter = createReporter(options);
  try {
    for (const model of models) {
      const plan = planFor(model, options);
      const running = { engine, threads: options.threads, signal };
      const [[cells]] = await learningCoefficients(run.spec, [model], plan, running, (event) => {
        if (event.kind === 'progress') reporter.progress(event);
      });
      const finding = findingOf(model, plan, cells);
      reporter.done(describe(finding), fieldsOf(finding));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedError('interrupted; the models above are finished');
  } finally {
    reporter.close();
  }
}

const HELP = `
λ̂ = nβ (mean loss of the chains − loss of the model), nβ = n / ln n, on n samples that every step takes all of: those
that the run trained on if they were fixed, else --samples of them, drawn once. Of a regular minimum it is d/2. A chain
that falls below the loss of the model has left its phase: it is counted and not averaged. If all do, the model is at no
minimum, and the negative number says by how much. Chains sample the loss alone, so a model whose weight decay is not
small is at no minimum of it.

Example:
  superpose llc runs/intro --row 0 --row 9 --samples 5000 --localization 1`;

/** `superpose llc`: the local learning coefficient of trained models. */
export function llcCommand(): Command {
  const rows = (text: string, all: number[]) => [...all, integer(0, 2 ** 24)(text)];
  const command = new Command('llc')
    .description('estimate the local learning coefficient of models of a run by Langevin dynamics')
    .argument('<run>', 'a run folder')
    .addOption(
      new Option('--row <number>', 'number of a model in the run; repeatable (default: 0)')
        .argParser(rows)
        .default([], 'none'),
    )
    .option(
      '--samples <count>',
      'samples n, where the run had fresh ones',
      integer(2, 2 ** 20),
      CHAIN_PLAN.samples,
    )
    .option('--chains <count>', 'chains of each step size', integer(1, 10_000), CHAIN_PLAN.chains)
    .option(
      '--steps <count>',
      'steps of a chain; the first half is not averaged',
      integer(20, 1e6),
      CHAIN_PLAN.steps,
    )
    .option('--localization <number>', 'γ of the pull to the weights of the model', nonNegative, 1)
    .option('--step-size <list>', 'step sizes ε (default: 0.003 to 0.3 over nβ)', positives)
    .option('--seed <number>', 'seed of chains and samples', integer(0, 2 ** 47), CHAIN_PLAN.seed)
    .addHelpText('after', HELP);
  return addOutputOptions(addEngineOptions(command)).action(estimate);
}
