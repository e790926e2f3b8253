import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ENGINE_NAMES, type EngineName } from '../engine.ts';
import { chooseEngine, engineFor } from '../engines.ts';
import { DEFAULT_NAME, type Spec } from '../spec.ts';
import { jsonBytes, replaceFile, utf8 } from '../store/files.ts';
import { cutBlocks, shardBlocks } from '../sweep/blocks.ts';
import { kubernetesManifest } from '../sweep/kubernetes.ts';
import { layOut } from '../sweep/layOut.ts';
import { FORMATS, type Format, MANIFEST } from '../sweep/manifest.ts';
import { shellQuote, slurmScript } from '../sweep/slurm.ts';
import { finish } from '../train.ts';
import { InputError } from './exit.ts';
import { addSpecOptions, folderName, integer, type SpecOptions } from './options.ts';
import { createReporter } from './reporter.ts';
import { loadSpec } from './specs.ts';
import { parseFactor, parseFormats, sweepFolder } from './sweep.ts';

const CONFIG_MAP = 1_000_000; // characters; Kubernetes takes 1 MiB with all names

interface SubmitOptions extends SpecOptions {
  out?: string;
  shards: number;
  concurrent: number;
  cpus: number;
  memory?: string;
  engine?: EngineName;
  block?: number;
  dryRun: boolean;
  retryDiverged?: number;
  formats?: Format[];
}

/** What all tasks do alike: the spec, and who does the arithmetic. */
interface Submitted {
  spec: Spec;
  engine: EngineName;
  why: string;
}

/** The one spec that was named, its blocks enough for the shards; `auto` is decided here, once for all tasks. */
async function loadSweep(name: string, options: SubmitOptions): Promise<Submitted> {
  const { scale, set, shards, block, engine } = options;
  const spec = await loadSpec(name, scale, set);
  const reporter = createReporter({ json: false, quiet: false });
  const grid = await finish(layOut(spec), reporter.finishing).finally(reporter.close);
  shardBlocks(cutBlocks(grid, block ?? null), { index: 0, of: shards });
  if (engine) return { spec, engine, why: 'asked for' };
  const found = engineFor(await chooseEngine('auto'), ...grid.groups.map(({ problem }) => problem));
  return { spec, engine: found.engine.name, why: `${found.why}, decided here for all tasks` };
}

function sweepArguments({ block, retryDiverged, formats }: SubmitOptions, { engine }: Submitted): string[] {
  return [
    '--engine',
    engine,
    ...(block ? ['--block', String(block)] : []),
    ...(retryDiverged ? ['--retry-diverged', String(retryDiverged)] : []),
    ...(formats ? ['--formats', formats.join()] : []),
  ];
}

const engineLine = ({ engine, why }: Submitted) => `engine of every task: ${engine} (${why})\n`;

/** Text for a line of the batch script: one word, so that it can end neither the line nor the option. */
function parseWord(text: string): string {
  if (/^[\w.:+,@-]+$/.test(text)) return text;
  throw new InvalidArgumentError('Expected one word of letters, digits and . : + , @ - _');
}

/** @throws InputError if the folder is itself a sweep: its shards would lie inside it. */
function checkNoSweep(folder: string): void {
  if (!fs.existsSync(path.join(folder, MANIFEST))) return;
  throw new InputError(`${folder} holds a sweep already; choose another place with --out`);
}

/** @throws InputError if Slurm could not write its logs there, or another sweep has begun there. */
function checkFolder(folder: string, spec: Uint8Array): void {
  if (/["%\n\\]/.test(folder))
    throw new InputError(`${folder}: expected no ", %, \\ or line break in the path`);
  checkNoSweep(folder);
  const file = path.join(folder, 'spec.json');
  const begun = fs.existsSync(folder) && fs.readdirSync(folder).some((name) => name.startsWith('shard-'));
  if (!begun || !fs.existsSync(file) || fs.readFileSync(file).equals(spec)) return;
  throw new InputError(`${folder} holds shards of another spec; choose another place with --out`);
}

/** The name that a spec gives itself, or else that of its file, so that two jobs are told apart. */
function jobName(name: string, spec: Spec): string {
  return spec.name === DEFAULT_NAME ? path.basename(name, '.json') : spec.name;
}

function submitJob(script: string): string {
  const sent = spawnSync('sbatch', ['--parsable', script], { encoding: 'utf8' });
  if (sent.error)
    throw new Error(`sbatch cannot be run here (${sent.error.message}); the script is ${script}`);
  if (sent.status !== 0) throw new Error(`sbatch refused ${script}: ${sent.stderr.trim()}`);
  return sent.stdout.trim();
}

async function submitSlurm(
  name: string,
  options: SubmitOptions & { time?: string; partition?: string },
): Promise<void> {
  const submitted = await loadSweep(name, options);
  const { spec } = submitted;
  const folder = path.resolve(sweepFolder(name, options.out, undefined));
  const specFile = path.join(folder, 'spec.json');
  const script = path.join(folder, 'sweep.sbatch');
  const bytes = jsonBytes(spec);
  checkFolder(folder, bytes);
  fs.mkdirSync(folder, { recursive: true });
  replaceFile(specFile, [bytes]);
  const text = slurmScript({
    ...options,
    name: jobName(name, spec),
    command: [process.execPath, ...process.execArgv, path.resolve(process.argv[1])],
    arguments: [specFile, ...sweepArguments(options, submitted)],
    folder,
  });
  replaceFile(script, [utf8(text)]);
  const sent = options.dryRun ? 'not submitted' : `submitted as job ${submitJob(script)}`;
  process.stdout.write(`${script}: ${options.shards} shards, ${sent}\n${engineLine(submitted)}`);
  process.stdout.write(
    `when all have ended: superpose merge ${shellQuote(folder)} --out ${shellQuote(`${folder}-whole`)}\n`,
  );
}

interface PodOptions {
  memory: string;
  claim: string;
  image?: string;
  package?: string;
}

/** A package file as pods find it; a name would be looked up on a registry, where it may be another person's. */
function parsePackage(text: string): string {
  if (/^(\/|https:\/\/)[^\s]*\.tgz$/.test(text)) return text;
  throw new InvalidArgumentError(
    'Expected the file that npm pack wrote: its absolute path in the pod, or an https:// address, ending in .tgz',
  );
}

/** What the pods run. @throws InputError if the user named neither an image nor a package file. */
function podProgram({ image, package: packageFile }: PodOptions): { image: string; packageFile?: string } {
  if (packageFile) return { image: image ?? 'node:20', packageFile };
  if (image) return { image };
  throw new InputError(
    'submit kubernetes: expected --image, an image that has the command superpose, or --package, the file that npm pack wrote (such as /results/toy-superposition.tgz on the claim); got neither',
  );
}

async function submitKubernetes(name: string, options: SubmitOptions & PodOptions): Promise<void> {
  const pod = podProgram(options);
  const submitted = await loadSweep(name, options);
  const { spec } = submitted;
  const folder = sweepFolder(name, options.out, undefined);
  const file = path.join(folder, 'job.json');
  const { length } = JSON.stringify(spec);
  if (length > CONFIG_MAP)
    throw new InputError(`${name}: a ConfigMap holds specs of ${CONFIG_MAP} characters, got ${length}`);
  checkNoSweep(folder);
  const manifest = kubernetesManifest(spec, {
    ...options,
    ...pod,
    name: jobName(name, spec),
    arguments: sweepArguments(options, submitted),
  });
  fs.mkdirSync(folder, { recursive: true });
  replaceFile(file, [jsonBytes(manifest)]);
  process.stdout.write(
    `${file}: ${options.shards} shards; start them with kubectl apply -f ${shellQuote(file)}\n${engineLine(submitted)}`,
  );
}

function addSubmitOptions(command: Command): Command {
  return addSpecOptions(command)
    .argument('<name>', 'an experiment (see list) or the JSON file of a spec')
    .requiredOption('--shards <count>', 'parts of the sweep, one task each', integer(1, 100_000))
    .option('--concurrent <count>', 'tasks at a time, 0 = all', integer(0, 100_000), 0)
    .option('--cpus <count>', 'CPU threads of each task', integer(1, 1024), 4)
    .addOption(
      new Option('--engine <name>', 'engine of each task (default: what auto takes here)').choices(
        ENGINE_NAMES,
      ),
    )
    .option('--block <models>', 'models in a block (default: by their cost)', integer(1, 2 ** 24))
    .option('--retry-diverged <factor>', 'train diverged models again at learning rate × factor', parseFactor)
    .option('--formats <list>', `tables to write: ${FORMATS.join(', ')} (default: parquet,csv)`, parseFormats)
    .option('--out <folder>', 'where the job and its shards go (default: runs/<name>)', folderName);
}

function slurmCommand(): Command {
  return addSubmitOptions(new Command('slurm'))
    .description('write and submit a Slurm job array')
    .option('--memory <size>', 'of each task, as Slurm writes it: 4G', parseWord)
    .option('--time <limit>', 'of each task, as Slurm writes it: 12:00:00', parseWord)
    .option('--partition <name>', 'where the tasks run', parseWord)
    .option('--dry-run', 'write the script and do not submit it', false)
    .addHelpText('after', '\nExample:\n  superpose submit slurm big.json --shards 64 --cpus 8 --time 4:00:00')
    .action(submitSlurm);
}

function kubernetesCommand(): Command {
  return addSubmitOptions(new Command('kubernetes'))
    .description('write the manifest of a Kubernetes Indexed Job')
    .option('--memory <size>', 'of each pod, as Kubernetes writes it', '4Gi')
    .option(
      '--image <name>',
      'container image that has the command superpose; with --package: Node 20 (default: node:20)',
    )
    .option(
      '--package <file>',
      'what npm pack wrote, as the pods see it: /results/….tgz or https://….tgz',
      parsePackage,
    )
    .option('--claim <name>', 'PersistentVolumeClaim for the results', 'results')
    .addHelpText(
      'after',
      '\nExample:\n  superpose submit kubernetes big.json --shards 64 --claim scratch --image registry.example/superpose:1\n  superpose submit kubernetes big.json --shards 64 --package /results/toy-superposition.tgz',
    )
    .action(submitKubernetes);
}

/** `superpose submit`: a sweep for a cluster's own scheduler. */
export function submitCommand(): Command {
  return new Command('submit')
    .description('hand a sweep to a scheduler, one task a shard')
    .addCommand(slurmCommand())
    .addCommand(kubernetesCommand());
}
