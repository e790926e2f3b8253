import { Command } from 'commander';
import { ENGINE_NAMES, type EngineName } from '../engine.ts';
import { chooseEngine, engineFor, refusal } from '../engines.ts';
import { expandGrid } from '../grid.ts';
import type { Problem } from '../problem.ts';
import { loadSpecs } from './specs.ts';

interface Availability {
  engine: EngineName;
  available: boolean;
  reason: string; // why not, or what it is
  refuses: string | null; // why it cannot train the models that were asked about
}

const WHAT: Record<EngineName, string> = {
  simd: 'WebAssembly SIMD generated for each shape, all CPU threads',
  webgpu: 'gpu.js kernels on WebGPU',
  webgl2: 'gpu.js kernels on WebGL2',
  webasm: 'gpu.js kernels on WebAssembly',
  cpu: 'gpu.js kernels in JavaScript',
  reference: 'float64 loops, the definition of all the others',
};

async function availabilityOf(engine: EngineName, problems: Problem[]): Promise<Availability> {
  try {
    const choice = await chooseEngine(engine);
    return { engine, available: true, reason: WHAT[engine], refuses: refusal(choice.engine, problems) };
  } catch (error) {
    return { engine, available: false, reason: (error as Error).message, refuses: null };
  }
}

/** The problems of an experiment or spec. */
async function problemsOf(name: string): Promise<Problem[]> {
  const specs = await loadSpecs(name, 'quick', []);
  return specs.flatMap((spec) => expandGrid(spec).groups.map(({ problem }) => problem));
}

async function devices(name?: string) {
  const problems = name === undefined ? [] : await problemsOf(name);
  const engines: Availability[] = [];
  for (const engine of ENGINE_NAMES) engines.push(await availabilityOf(engine, problems));
  const { probeAdapter } = await import('../gpu/probe.ts');
  const adapter = await probeAdapter();
  const { engine, why } = engineFor(await chooseEngine('auto'), ...problems);
  return { engines, adapter, auto: { engine: engine.name, why } };
}

function print({ engines, adapter, auto }: Awaited<ReturnType<typeof devices>>): void {
  const lines = engines.map(
    ({ engine, available, reason, refuses }) =>
      `${available && !refuses ? 'yes' : 'no '}  ${engine.padEnd(10)} ${refuses ? `refuses ${refuses}` : reason}`,
  );
  lines.push(
    '',
    `WebGPU adapter: ${adapter ? `${adapter.description}${adapter.software ? ' (software)' : ''}` : 'none'}`,
    `auto takes ${auto.engine} (${auto.why.replace(/^auto: /, '')})`,
  );
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** `superpose devices`: which engines can run here. */
export function devicesCommand(): Command {
  return new Command('devices')
    .description('which engines can run here, why others cannot, and which one auto takes')
    .argument(
      '[name]',
      'an experiment or the JSON file of a spec: also which engines refuse its models, and why',
    )
    .option('--json', 'as one JSON object', false)
    .action(async (name: string | undefined, { json }: { json: boolean }) => {
      const found = await devices(name);
      if (json) process.stdout.write(`${JSON.stringify(found)}\n`);
      else print(found);
    });
}
